/**
 * The one tfjs-core instance that every tensor file uses. Import `tf` from here, after `initBackend()` has run:
 * the native package and the wasm backend register into this instance.
 */
export * as tf from '@tensorflow/tfjs';
