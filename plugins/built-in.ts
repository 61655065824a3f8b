import type { Plugin } from './contract/define-plugin.js';

/** The plugins that come with lcoms, one folder a kind. */
export const BUILT_IN: readonly Plugin[] = [];
