import { setImmediate } from 'node:timers/promises';
import { snapped } from '../../lib/crystal/snap.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { readJson, type StepContext, type StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { matrix, readLatents } from './latents-artifact.js';
import { alive } from './lowest-distinct.js';
import { loadEncoder } from './models.js';
import { KEPT } from './optimize.js';

interface Options {
  draws: number;
  noise?: number;
  snap?: number;
}

/**
 * `draws` crystals per optimized latent, in order: latent 0 draw 0, latent 0 draw 1, ... Species are those of the start that it
 * came from; with `noise` the coordinates begin there too. With `snap` those that are nearly of higher symmetry are moved onto it.
 */
export const decode: StepFunction = async (context) => {
  const { draws, noise, snap } = context.node.options as unknown as Options;
  const optimized = context.input('latents');
  const starts = await readRows<Crystal>(context, context.input('crystals'), 'crystals.jsonl');
  const { dimension, matrices } = await readLatents(context, optimized);
  const latents = matrix({ dimension, matrices }, 'latents');
  const kept = optimized.artifact.blobs.some(({ name }) => name === KEPT)
    ? await readJson<number[]>(context, optimized, KEPT)
    : [...starts.keys()];
  const from = kept.flatMap((start) => Array.from({ length: draws }, () => starts[start] as Crystal));
  const repeated = new Float32Array(from.length * dimension);
  for (let row = 0; row < from.length; row++) {
    const latent = Math.floor(row / draws);
    repeated.set(latents.subarray(latent * dimension, (latent + 1) * dimension), row * dimension);
  }
  const model = await loadEncoder(context, 'encoder');
  try {
    const decoded =
      noise === undefined
        ? await model.decode(
            repeated,
            from.map(({ species }) => species),
          )
        : await decoderFrom(context, model)(repeated, from, noise);
    const crystals = snap === undefined ? decoded : await allSnapped(context, decoded, snap);
    const bytes = Buffer.from(crystals.map((c) => `${JSON.stringify(c)}\n`).join(''));
    return {
      blobs: [{ name: 'crystals.jsonl', bytes }],
      metrics: {
        crystals: crystals.length,
        draws,
        ...(snap !== undefined && { snapped: crystals.filter((crystal, i) => crystal !== decoded[i]).length }),
      },
    };
  } finally {
    model.dispose();
  }
};

/** Those that gain symmetry moved onto it, the others as they are. */
async function allSnapped(context: StepContext, decoded: Crystal[], tolerance: number): Promise<Crystal[]> {
  const crystals: Crystal[] = [];
  const onOne = alive(context);
  for (const crystal of decoded) {
    // Lets the signal in: a cell that is hard to analyse takes half a second.
    await setImmediate();
    crystals.push(snapped(crystal, tolerance) ?? crystal);
    onOne(crystals.length, decoded.length);
  }
  return crystals;
}

function decoderFrom({ node }: StepContext, model: EncoderModel): NonNullable<EncoderModel['decodeFrom']> {
  if (model.decodeFrom) return model.decodeFrom.bind(model);
  throw new LcomsError('LCOMS_E_PLUGIN_INVALID', `${node.plugin?.id} can't decode from the start's coordinates`, {
    path: 'steps.decode.noise',
    hint: 'Take noise out, or use another encoder.',
  });
}
