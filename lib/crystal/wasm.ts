import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as moyoModule from '@spglib/moyo-wasm/moyo_wasm.js';
import type { FerroxModule } from 'matterviz-wasm';

const require = createRequire(import.meta.url);

type Moyo = typeof moyoModule;
let moyoReady = false;
let ferroxModule: FerroxModule | undefined;

/** Space-group analysis (moyo), loaded from its package on first use. */
export function moyo(): Moyo {
  if (!moyoReady) {
    moyoModule.initSync({ module: readFileSync(require.resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm')) });
    moyoReady = true;
  }
  return moyoModule;
}

/** Structure matching (ferrox), loaded from its package on first use. */
export function ferrox(): FerroxModule {
  if (!ferroxModule) {
    // The package exports only an asynchronous loader; the module beside its .wasm file has a synchronous one.
    const wasm = require.resolve('matterviz-wasm/ferrox_bg.wasm');
    const module = require(wasm.replace(/_bg\.wasm$/, '.js')) as FerroxModule;
    module.initSync({ module: readFileSync(wasm) });
    ferroxModule = module;
  }
  return ferroxModule;
}
