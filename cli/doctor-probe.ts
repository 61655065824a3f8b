// A process of its own, started by `lcoms doctor`: loads what can crash (native libraries) and prints one line of JSON.
import { type BackendInfo, initBackend } from '../lib/tensor/backend.js';
import { nvidiaDevice } from '../lib/tensor/nvidia.js';
import { CHGNET_MODELS, type ChgnetModel, chgnetSession } from '../plugins/scorers/chgnet/session.js';
import { LcomsError } from '../schemas/errors.js';
import type { ErrorRecord } from '../schemas/run.js';

/** A scorer that loads: digest of its weights, and what computes it. */
export interface ProbedScorer {
  name: string;
  version: string;
  weights: string;
  runtime: string;
}

export interface Probe {
  backend: Omit<BackendInfo, 'identity'> | null;
  /** Name of the NVIDIA device of this machine, used or not; known on Linux only. */
  nvidia: string | null;
  scorers: ProbedScorer[];
  errors: ErrorRecord[];
}

const probe: Probe = {
  backend: null,
  nvidia: process.platform === 'linux' ? nvidiaDevice() : null,
  scorers: [],
  errors: [],
};

async function attempt(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    const record: ErrorRecord =
      error instanceof LcomsError ? error.toJSON() : { code: 'LCOMS_E_INTERNAL', message: String(error) };
    probe.errors.push(record);
  }
}

await attempt(async () => {
  const { name, version, threads, device, tried } = await initBackend();
  probe.backend = { name, version, threads, device, tried };
});
for (const model of Object.keys(CHGNET_MODELS) as ChgnetModel[]) {
  await attempt(async () => {
    const { runtime } = await chgnetSession(model);
    probe.scorers.push({
      name: 'chgnet',
      version: model,
      weights: CHGNET_MODELS[model],
      runtime: `onnxruntime, ${runtime}`,
    });
  });
}
process.stdout.write(`${JSON.stringify(probe)}\n`);
process.exit(0);
