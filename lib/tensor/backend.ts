import { LcomsError } from '../../schemas/errors.js';
import { loadCpu } from './cpu.js';
import { registerGradients } from './gradients.js';
import { loadNative } from './native.js';
import { threadCount } from './threads.js';
import { loadWasm } from './wasm.js';
import { loadWebgpu } from './webgpu.js';

/** Every backend. Those of AUTOMATIC are tried by themselves, in its order; webgpu only when it is asked for. */
export const BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu', 'webgpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

const AUTOMATIC = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const satisfies readonly BackendName[];

/** What a loader says about the backend that it has selected. */
export interface LoadedBackend {
  /** Package version, with the library's for native ones, e.g. `4.22.0 (TensorFlow 2.18.1)`. */
  version: string;
  /** Threads inside one op; 1 where there are none. */
  threads: number;
  /** The graphics device that computes, e.g. `NVIDIA H100`; null for the processor. */
  device: string | null;
  /** What results depend on besides name and version, e.g. `threads=2/linux-x64-avx2`; none on wasm and cpu. */
  variant?: string;
}

/** The backend in use, as it is shown to the user and kept in run records. */
export interface BackendInfo extends Omit<LoadedBackend, 'variant'> {
  name: BackendName;
  /**
   * What "the same backend" means for "same spec, same bytes": name, version, thread count and processor kind, or the
   * device, e.g. `tfjs-node/4.22.0 (TensorFlow 2.18.1)/threads=2/linux-x64-avx2`; `wasm/4.22.0` alone on every machine.
   */
  identity: string;
  /** Backends that were tried before this one, with the reason why each is not used. */
  tried: { name: BackendName; problem: string }[];
}

let started: Promise<BackendInfo> | undefined;

/**
 * Selects the tensor backend of this process: the first of AUTOMATIC that loads, or of those named, separated by commas,
 * by `options.force` or LCOMS_BACKEND. Later calls return the first call's choice. Threads: LCOMS_THREADS (threads.ts).
 * Throws LCOMS_E_BACKEND when a forced backend is unknown, none loads, or one that is not among them is in use already.
 */
export async function initBackend(options: { force?: string } = {}): Promise<BackendInfo> {
  const forced = forcedNames(options.force ?? process.env['LCOMS_BACKEND']);
  started ??= select(forced).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  const info = await started;
  if (forced !== undefined && !forced.includes(info.name)) {
    const wanted = forced.join(' or ');
    throw new LcomsError('LCOMS_E_BACKEND', `the backend ${wanted} is asked for, but ${info.name} is in use already`, {
      hint: 'One process has one backend: set LCOMS_BACKEND before it starts.',
    });
  }
  return info;
}

function forcedNames(force: string | undefined): BackendName[] | undefined {
  if (force === undefined || force.trim() === '') return undefined;
  return force.split(',').map((given) => {
    const name = BACKENDS.find((backend) => backend === given.trim());
    if (name !== undefined) return name;
    throw new LcomsError('LCOMS_E_BACKEND', `no backend is called "${given}"; the backends are ${BACKENDS.join(', ')}`);
  });
}

async function select(forced: BackendName[] | undefined): Promise<BackendInfo> {
  const threads = threadCount();
  registerGradients();
  const tried: BackendInfo['tried'] = [];
  for (const name of forced ?? AUTOMATIC) {
    try {
      // Alone, a software device is what the user wants; among others, the processor's own backends are better.
      return describe(name, await load(name, { threads, software: forced?.length === 1 }), tried);
    } catch (error) {
      tried.push({ name, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = tried.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
  throw new LcomsError('LCOMS_E_BACKEND', `no tensor backend loads (${reasons})`);
}

/** Loads and selects one backend. Throws an Error whose message is the reason why it can't be used. */
async function load(name: BackendName, how: { threads: number; software: boolean }): Promise<LoadedBackend> {
  switch (name) {
    case 'wasm':
      return loadWasm();
    case 'cpu':
      return loadCpu();
    case 'webgpu':
      return loadWebgpu(how);
    default:
      return loadNative(`@tensorflow/${name}`, how.threads);
  }
}

function describe(name: BackendName, loaded: LoadedBackend, tried: BackendInfo['tried']): BackendInfo {
  const { version, threads, device, variant } = loaded;
  const identity = [name, version, ...(variant === undefined ? [] : [variant])].join('/');
  return { name, version, threads, device, identity, tried };
}
