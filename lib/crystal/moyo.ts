import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as module from '@spglib/moyo-wasm/moyo_wasm.js';

let ready = false;

/** moyo's space-group tables and analysis (WebAssembly), loaded from its package on first use. */
export function moyo(): typeof module {
  if (!ready) {
    const wasm = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
    module.initSync({ module: readFileSync(wasm) });
    ready = true;
  }
  return module;
}
