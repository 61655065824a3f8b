import { compositionOf } from '../../lib/crystal/composition.js';
import type { Trained } from '../../plugins/contract/encoder.js';
import { overStructures } from '../../plugins/contract/surrogate.js';
import type { StepFunction } from './context.js';
import { type PreparedCrystal, readDataset, readOffMinima } from './dataset-artifact.js';
import { formationTargets, withFormationTargets } from './formation-targets.js';
import { matrix, OFF_MINIMA_MATRICES, readLatents } from './latents-artifact.js';
import { latentError, structureError } from './off-minima-error.js';

interface Options {
  target?: 'formation';
}

/**
 * Trains the surrogate plugin on energy targets (eV/atom) and latents, or the crystals themselves: whichever it takes.
 * Crystals off the minima join the training rows alone. Validation is by the minima, as it is without any; the error on
 * validation crystals off them is a metric of its own, `offValidationRmse` (eV/atom).
 * @throws LcomsError LCOMS_E_INPUT when formation energies are asked for of data whose targets they are
 */
export const trainSurrogate: StepFunction = async (context) => {
  const prepared = await readDataset(context, context.input('data'));
  const beside = await readOffMinima(context, context.input('data'));
  const { target } = context.node.options as Options;
  const { info, train, validation, off } =
    target === 'formation' ? withFormationTargets(prepared, beside) : { ...prepared, off: beside };
  const rows = [...train, ...off.train];
  const targets = { train: targetsOf(rows), validation: targetsOf(validation) };
  const surrogate = await context.create('surrogate', context.node.plugin);
  if (overStructures(surrogate)) {
    const trained = await surrogate.train({ train: rows, validation, targets });
    if (off.validation.length === 0) return trained;
    return withError(trained, await structureError(await surrogate.load(blobsOf(trained)), off.validation));
  }
  const latents = await readLatents(context, context.input('latents'));
  const { dimension } = latents;
  const formation = formationTargets(info, train, rows);
  const minima = matrix(latents, 'train');
  const trained = await surrogate.train({
    dimension,
    train: off.train.length === 0 ? minima : joined(minima, matrix(latents, OFF_MINIMA_MATRICES.train)),
    validation: matrix(latents, 'validation'),
    targets,
    compositions: {
      train: rows.map(({ species }) => compositionOf(species)),
      validation: validation.map(({ species }) => compositionOf(species)),
    },
    ...(formation && { formation }),
  });
  if (off.validation.length === 0) return trained;
  const offLatents = matrix(latents, OFF_MINIMA_MATRICES.validation);
  return withError(trained, await latentError(await surrogate.load(blobsOf(trained)), offLatents, off.validation));
};

const targetsOf = (rows: readonly PreparedCrystal[]): Float64Array => Float64Array.from(rows, (c) => c.target);

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

const blobsOf = ({ blobs }: Trained) => new Map(blobs.map(({ name, bytes }) => [name, bytes]));

const withError = ({ blobs, metrics }: Trained, offValidationRmse: number | null): Trained => ({
  blobs,
  metrics: { ...metrics, ...(offValidationRmse !== null && { offValidationRmse }) },
});
