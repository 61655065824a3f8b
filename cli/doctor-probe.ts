// A process of its own, started by `lcoms doctor`: loads what can crash (native libraries) and prints one line of JSON.
import { initBackend } from '../lib/tensor/backend.js';
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
  backend: { name: string; version: string; threads: number; tried: { name: string; problem: string }[] } | null;
  scorers: ProbedScorer[];
  errors: ErrorRecord[];
}

const probe: Probe = { backend: null, scorers: [], errors: [] };

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
  const { name, version, threads, tried } = await initBackend();
  probe.backend = { name, version, threads, tried };
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
