export * from './context.js';
export * from './dataset.js';
export * from './define-plugin.js';
export * from './encoder.js';
export * from './optimizer.js';
export * from './scorer.js';
export * from './surrogate.js';
