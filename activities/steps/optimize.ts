import { parseFormula } from '../../lib/crystal/composition.js';
import { rawLatents, standardiseLatents } from '../../lib/search/latent-space.js';
import { lowestApart } from '../../lib/search/lowest-apart.js';
import { forCompound, type SurrogateModel } from '../../plugins/contract/surrogate.js';
import { guardSearch } from '../../plugins/optimizers/guard-search.js';
import { LcomsError } from '../../schemas/errors.js';
import { askSurrogate } from './ask-surrogate.js';
import { jsonBlob, type StepContext, type StepFunction } from './context.js';
import { budgetMetrics, CpuBudget, cpuLimit, spentBefore } from './cpu-budget.js';
import { driveSearch } from './drive-search.js';
import { matrix, readLatents, writeLatents } from './latents-artifact.js';
import { loadLatentSpace, loadSurrogate } from './models.js';

/** Which starts the latents came from, where not all go on. */
export const KEPT = 'kept.json';

/** The search, in a checkpoint. */
const CHECKPOINT = 'search.bin';

/** Searches the standardised latent space on the surrogate from the starts' latents; gives raw latents for the decoder. */
export const optimize: StepFunction = async (context) => {
  const { formula } = context.node.options as { formula: string };
  const surrogate = forCompound(await loadSurrogate(context, 'surrogate'), parseFormula(formula));
  const { dimension, matrices } = await readLatents(context, context.input('latents'));
  const space = await loadLatentSpace(context, surrogate);
  const { energyMean, energyStd } = surrogate.scale;

  const optimizer = await context.create('optimizer', context.node.plugin);
  const starts = standardiseLatents(matrix({ dimension, matrices }, 'latents'), surrogate.scale);
  const saved = await context.pluginContext.checkpoint.latest();
  const tries = starts.length / dimension;
  const search = guardSearch(
    saved ? optimizer.restore(space, await saved.load(CHECKPOINT)) : optimizer.start(space, starts),
    space,
    {
      optimizer: context.node.plugin?.id ?? '',
      starts: tries,
      gradients: context.capabilities('optimizer', context.node.plugin).gradients === true,
    },
  );
  const budget = new CpuBudget(cpuLimit(context, tries), spentBefore(saved));
  await driveSearch(context, { name: CHECKPOINT, search, budget }, async (ask) => {
    if (ask.gradients) requireGradients(context, surrogate);
    return await askSurrogate(surrogate, ask);
  });

  const { points, values, trace } = search.result();
  const predicted = budget.limit === null ? trace : evaluatedPart(trace, search.evaluations);
  const toEnergy = (e: number) => e * energyStd + energyMean;
  const kept = keptStarts(context, points, values);
  const finite = (e: number | undefined) => (e !== undefined && Number.isFinite(e) ? toEnergy(e) : null);
  return {
    blobs: [
      writeLatents({ dimension, matrices: { latents: rawLatents(rowsOf(points, kept, dimension), surrogate.scale) } }),
      ...(kept === null ? [] : [jsonBlob(KEPT, kept)]),
      // Predicted target (eV/atom) along the search, one row per start: the curve of the paper's Fig. 2.
      jsonBlob('trace.json', { predicted: predicted.map((row) => Array.from(row, toEnergy)) }),
    ],
    metrics: {
      evaluations: search.evaluations,
      predictedFirst: finite(trace[0]?.[0]),
      predictedLast: finite(values[0]),
      ...(kept && { kept: kept.length }),
      ...search.counts,
      ...budgetMetrics([budget]),
    },
  };
};

/** Places of the starts that go on, the lowest first; null: all of them, in their order. */
function keptStarts({ node }: StepContext, points: Float32Array, values: Float32Array): number[] | null {
  const { keep } = node.options as { keep?: number };
  return keep === undefined ? null : lowestApart(points, values, keep);
}

function rowsOf(points: Float32Array, rows: readonly number[] | null, d: number): Float32Array {
  if (rows === null) return points;
  const out = new Float32Array(rows.length * d);
  for (const [to, from] of rows.entries()) out.set(points.subarray(from * d, (from + 1) * d), to * d);
  return out;
}

/** Traces without the end that a search cut short has not come to: rows of equal length. */
function evaluatedPart(trace: readonly Float32Array[], evaluations: number): Float32Array[] {
  const last = Math.max(0, ...trace.map((row) => row.findLastIndex((e) => !Number.isNaN(e)) + 1));
  return trace.map((row) => row.slice(0, Math.min(last, evaluations)));
}

/** The type says that a surrogate has gradients; a plugin in plain JavaScript may not. */
function requireGradients({ node }: StepContext, surrogate: SurrogateModel): void {
  if (typeof surrogate.gradients === 'function') return;
  throw new LcomsError(
    'LCOMS_E_PLUGIN_INVALID',
    `${node.plugin?.id} needs gradients, which ${node.helpers['surrogate']?.id} does not give`,
    { hint: 'Use an optimizer without gradients, or another surrogate; docs/optimizers.md lists optimizers.' },
  );
}
