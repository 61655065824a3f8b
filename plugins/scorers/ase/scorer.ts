import { z } from 'zod';
import { canonicalJson } from '../../../lib/hashing/canonical-json.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import type { Evaluation } from '../../../lib/scoring/evaluation.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import { LcomsError } from '../../../schemas/errors.js';
import {
  calculatorDescriptionSchema,
  type EvaluateRequest,
  type RemoteCrystal,
  type StructureResult,
  structureResultSchema,
} from '../../../schemas/remote-score.js';
import type { PluginContext } from '../../contract/context.js';
import type { Scorer } from '../../contract/scorer.js';
import { PythonQueue } from './python-queue.js';

/** Characters of crystals in one batch: requests, results and histories stay small. */
const BATCH_CHARACTERS = 64_000;
/** Characters of one crystal, some 20,000 atoms: the server refuses what is much larger. */
const LARGEST_CRYSTAL = 1_200_000;

export interface AseOptions {
  calculator: string;
  version?: string | undefined;
  queue: string;
}

/**
 * A calculator of the Python worker as a scorer.
 * @throws LcomsError LCOMS_E_NO_WORKER, LCOMS_E_TEMPORAL; LCOMS_E_PLUGIN_OPTIONS for a calculator that the worker does
 * not serve; LCOMS_E_TOOL_MISSING when its package is not installed; LCOMS_E_CONFIG for another version than `version`.
 */
export async function aseScorer({ calculator, version, queue }: AseOptions, context: PluginContext): Promise<Scorer> {
  const python = await PythonQueue.open(context.temporal, queue);
  const { signal } = context;
  const ask = async () => calculatorDescriptionSchema.parse(await python.describe(calculator, signal));
  const { identity, elements } = await ask().catch(async (error: unknown) => {
    await python.close();
    throw error;
  });
  if (version !== undefined && version !== identity.version) {
    await python.close();
    throw new LcomsError(
      'LCOMS_E_CONFIG',
      `the Python worker has ${identity.name} in version "${identity.version}", the options ask for "${version}"`,
      { hint: 'Start a worker with that version, or change the option.' },
    );
  }

  const evaluateBatch = async (crystals: RemoteCrystal[]): Promise<(Evaluation | LcomsError)[]> => {
    const request: EvaluateRequest = { calculator, identity, crystals };
    // The same question has the same id: after a crash it is found again, answered or half answered.
    const id = `lcoms-score-${sha256(canonicalJson({ queue, request }))}`;
    const answer = await python.evaluate(id, request, signal, (done) =>
      context.tick({ done, total: crystals.length, unit: 'structures' }),
    );
    const results = z.array(structureResultSchema).length(crystals.length).parse(answer);
    return results.map((result, i) => evaluationOf(result, (crystals[i] as RemoteCrystal).species.length));
  };

  return {
    identity,
    elements: new Set(elements ?? ELEMENTS.slice(1)),
    elementReferences: null,
    evaluate: async (crystals) => {
      const results: (Evaluation | LcomsError)[] = [];
      const sound: [number, RemoteCrystal][] = [];
      for (const [i, crystal] of crystals.entries()) {
        const problem = problemOf(crystal);
        if (problem) results[i] = problem;
        else sound.push([i, { lattice: crystal.lattice, species: crystal.species, frac: crystal.frac }]);
      }
      for (const batch of batches(sound)) {
        const evaluated = await evaluateBatch(batch.map(([, crystal]) => crystal));
        for (const [k, [i]] of batch.entries()) results[i] = evaluated[k] as Evaluation | LcomsError;
      }
      return results;
    },
    secondOpinion: async () => null,
    dispose: () => python.close(),
  };
}

/** What keeps a crystal from being sent. */
function problemOf({ lattice, frac, species }: Crystal): LcomsError | null {
  if (![...lattice, ...frac].flat().every(Number.isFinite)) {
    return new LcomsError('LCOMS_E_CRYSTAL', 'A component of the lattice or a coordinate is not finite.');
  }
  const characters = JSON.stringify({ lattice, frac, species }).length;
  if (characters <= LARGEST_CRYSTAL) return null;
  return new LcomsError('LCOMS_E_CRYSTAL', `A crystal of ${species.length} atoms is too large to be sent to a worker.`);
}

/** Runs of entries, each of at most BATCH_CHARACTERS unless a single one is longer. */
function* batches(entries: readonly [number, RemoteCrystal][]): Generator<[number, RemoteCrystal][]> {
  let batch: [number, RemoteCrystal][] = [];
  let characters = 0;
  for (const entry of entries) {
    const length = JSON.stringify(entry[1]).length;
    if (batch.length > 0 && characters + length > BATCH_CHARACTERS) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(entry);
    characters += length;
  }
  if (batch.length > 0) yield batch;
}

function evaluationOf(result: StructureResult, atoms: number): Evaluation | LcomsError {
  if ('error' in result) return new LcomsError(result.error.code, result.error.message);
  const { energy, forces, stress } = result;
  if (forces.length !== 3 * atoms) {
    return new LcomsError('LCOMS_E_CALCULATOR', `the worker gave ${forces.length} force components for ${atoms} atoms`);
  }
  return { energy, forces: Float64Array.from(forces), stress: Float64Array.from(stress) };
}
