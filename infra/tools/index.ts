/** External programs that run beside lcoms, and where they are. */
export { type FoundTool, findTemporalCli, findWeed } from './find-tool.js';
