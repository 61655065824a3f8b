import { defineConfig } from 'lcoms';

/** Plugins that `lcoms`, started in this folder, knows beside its own. A spec can then say `use: optimizer/hill-climb`. */
export default defineConfig({ plugins: ['./hill-climb.ts'] });
