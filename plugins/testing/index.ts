/** The contract kit: what a plugin of one's own must hold to, as `lcoms/testing` and `lcoms plugins check FILE`. */

export { type CheckOptions, checkPlugin } from './check-plugin.js';
export type { CheckResult } from './checks.js';
export { digestBlobs, MemoryCheckpoints, type TestContextOptions, testContext } from './test-context.js';
export { toyCrystals, toyEncoderData, toySpace, toyStarts, toySurrogateData } from './toy-inputs.js';
