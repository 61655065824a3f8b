import { readFile } from 'node:fs/promises';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { sha256 } from '../../../lib/hashing/sha256.js';
import { packagedFile } from '../../../lib/package-root.js';
import { LcomsError } from '../../../schemas/errors.js';
import { chgnetElements } from './elements.js';
import type { Feeds } from './feeds.js';

/** The two sets of weights that ship with the package, and the sha256 of their files. */
export const CHGNET_MODELS = {
  r2scan: '5817d7d1788befaf6f0f67678cb63d6c33e7023904f3ac944e019163150b447c',
  '0.3.0': '00b8ae29b909b0c43b82b399e1f3f7d58669c0965e5b63d3551cf63544f03693',
} as const;
export type ChgnetModel = keyof typeof CHGNET_MODELS;

/** `native` is onnxruntime-node, `wasm` is onnxruntime-web in WebAssembly, `auto` the first of them that loads. */
export type OnnxRuntime = 'native' | 'wasm';

/** A loaded model: the cell's energy (eV) and dE/d(edge vector) (eV/A), 3 for each directed edge. */
export interface ChgnetSession {
  model: ChgnetModel;
  runtime: OnnxRuntime;
  elements: ReadonlySet<string>;
  run(feeds: Feeds): Promise<{ energy: Float32Array; gradient: Float32Array }>;
}

/** The part of the ONNX runtimes' common interface that is used here. */
interface Ort {
  InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: 'float32' | 'int64', data: Float32Array | BigInt64Array, dims: readonly number[]) => Tensor;
}

const sessions = new Map<string, Promise<ChgnetSession>>();

/**
 * Loads a model once a process; later calls share the session.
 * @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the model file is not the one that was released, LCOMS_E_TOOL_MISSING
 * when no ONNX runtime loads.
 */
export function chgnetSession(model: ChgnetModel, runtime: OnnxRuntime | 'auto' = 'auto'): Promise<ChgnetSession> {
  const key = `${model}/${runtime}`;
  let session = sessions.get(key);
  if (session === undefined) {
    session = open(model, runtime);
    sessions.set(key, session);
    // A failed load must be tried again by the next caller.
    session.catch(() => sessions.delete(key));
  }
  return session;
}

async function open(model: ChgnetModel, wanted: OnnxRuntime | 'auto'): Promise<ChgnetSession> {
  const file = packagedFile(`plugins/scorers/chgnet/model/chgnet-${model}-efs.onnx`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new LcomsError('LCOMS_E_FILE', `The weights of CHGNet ${model} can't be read.`, { file, cause });
  });
  const digest = sha256(bytes);
  if (digest !== CHGNET_MODELS[model]) {
    throw new LcomsError(
      'LCOMS_E_ARTIFACT_CORRUPT',
      `The weights of CHGNet ${model} have sha256 ${digest}, expected ${CHGNET_MODELS[model]}.`,
      {
        file,
        hint: 'Install the package again.',
      },
    );
  }
  return await sessionOf(bytes, model, wanted);
}

/** A session of model bytes whose origin the caller answers for. */
export async function sessionOf(
  bytes: Uint8Array,
  model: ChgnetModel,
  wanted: OnnxRuntime | 'auto' = 'auto',
): Promise<ChgnetSession> {
  const { ort, runtime } = await loadRuntime(wanted);
  // One thread: sums keep their order, so the same crystal always gives the same bytes.
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Every crystal has other sizes: plans by shape would be made anew each time and kept for ever.
    enableMemPattern: false,
    executionProviders: [runtime === 'native' ? 'cpu' : 'wasm'],
    logSeverityLevel: 3,
  });
  return {
    model,
    runtime,
    elements: chgnetElements(model),
    async run({ float, int }) {
      const inputs: Record<string, Tensor> = {
        vec: new ort.Tensor('float32', float.vec, [float.vec.length / 3, 3]),
        nat: new ort.Tensor('float32', float.nat, [float.nat.length]),
      };
      for (const [name, data] of Object.entries(int)) inputs[name] = new ort.Tensor('int64', data, [data.length]);
      const outputs = await session.run(inputs);
      return {
        energy: outputs.energy?.data as Float32Array,
        gradient: outputs.dEdvec?.data as Float32Array,
      };
    },
  };
}

async function loadRuntime(wanted: OnnxRuntime | 'auto'): Promise<{ ort: Ort; runtime: OnnxRuntime }> {
  const causes: unknown[] = [];
  if (wanted !== 'wasm') {
    try {
      const ort = (await import('onnxruntime-node')) as unknown as Ort;
      return { ort, runtime: 'native' };
    } catch (error) {
      causes.push(error);
    }
  }
  if (wanted !== 'native') {
    try {
      const ort = await import('onnxruntime-web');
      ort.env.wasm.numThreads = 1;
      return { ort: ort as unknown as Ort, runtime: 'wasm' };
    } catch (error) {
      causes.push(error);
    }
  }
  throw new LcomsError(
    'LCOMS_E_TOOL_MISSING',
    `No ONNX runtime loads (tried ${wanted === 'auto' ? 'native, wasm' : wanted}): ${causes.map(String).join('; ')}`,
  );
}
