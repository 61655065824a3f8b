export { experiment } from './experiment.js';
export { sweep } from './sweep.js';
