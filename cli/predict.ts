import { defineCommand } from 'citty';
import { latentDescent } from '../activities/predict/descent.js';
import { type CompoundPrediction, predictCompound } from '../activities/predict/predict-compound.js';
import { type CompoundRequest, checkRequest } from '../activities/predict/request.js';
import type { SearchHooks } from '../activities/predict/search.js';
import { embeddedTemplates, templatesOf } from '../activities/predict/sources/template-data.js';
import type { Template } from '../activities/predict/sources/templates.js';
import { parseFormula } from '../lib/crystal/composition.js';
import { canonicalJson } from '../lib/hashing/canonical-json.js';
import { sha256 } from '../lib/hashing/sha256.js';
import { Rng } from '../lib/random/rng.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import type { ModelInfo } from '../schemas/model.js';
import type { PredictionRecord } from '../schemas/prediction.js';
import { exitCodeOf, INTERRUPTED, toRecord } from './errors.js';
import { type FoundModel, findModel } from './find-model.js';
import { interruptSignal } from './interrupt.js';
import { loadModel, MODEL_OPTIONS } from './open-model.js';
import { openScorer, SCORER_OPTIONS } from './open-scorer.js';
import type { Output } from './output.js';
import { assertWritable, writePredictions } from './predict-files.js';
import { optionsOf, type PredictSettings, readSettings, SETTINGS_OPTIONS } from './predict-settings.js';
import { accountTable, PredictView, predictionTable } from './predict-view.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'predict', description: 'Predict the crystal structures of a formula, likeliest first' },
  args: {
    formula: { type: 'positional', required: true, description: 'compounds, e.g. MgO CaTiO3 Si' },
    ...SETTINGS_OPTIONS,
    unseen: { type: 'boolean', description: 'go on with elements and sizes that the model has not seen' },
    ...MODEL_OPTIONS,
    ...SCORER_OPTIONS,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a structure' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const settings = readSettings(args);
    for (const formula of args._) parseFormula(formula);
    assertWritable(settings.out);
    const templates = [
      ...(settings.data === null ? [] : await templatesOf(settings.data)),
      ...(await embeddedTemplates()),
    ];
    const found = await findModel(args.model);
    const scorer = await openScorer(args.scorer, args.with, output);
    const requests = checkAll(args._, settings, args.unseen === true, found.info, scorer);
    for (const { formula, unseen } of requests) {
      for (const what of unseen) output.warn(`warning: ${formula}: the model has not seen ${what}`);
    }
    const signal = interruptSignal(output);
    let worst = 0;
    for (const request of requests) {
      const code = await predictOne(request, found, scorer, settings, templates, signal, output);
      if (signal.aborted) return INTERRUPTED;
      worst = Math.max(worst, code);
    }
    await scorer.dispose();
    return worst;
  },
});

/** Every formula is checked before anything is computed; one that is given twice is predicted once. */
function checkAll(
  formulas: readonly string[],
  { atoms, tries }: PredictSettings,
  unseen: boolean,
  info: ModelInfo,
  scorer: Scorer,
): CompoundRequest[] {
  const known = { name: scorer.identity.name, elements: scorer.elements };
  const options = { tries, unseen, ...(atoms !== undefined && { atoms }) };
  const requests = new Map<string, CompoundRequest>();
  for (const given of formulas) {
    const request = checkRequest(given, options, info.trained, known);
    if (!requests.has(request.stem)) requests.set(request.stem, request);
  }
  return [...requests.values()];
}

async function predictOne(
  request: CompoundRequest,
  found: FoundModel,
  scorer: Scorer,
  settings: PredictSettings,
  templates: readonly Template[],
  signal: AbortSignal,
  output: Output,
): Promise<number> {
  const view = new PredictView(request.formula, settings.tries);
  try {
    const prediction = await search(request, found, scorer, settings, templates, signal, view);
    view.end();
    const { out, cell } = settings;
    const recordFile = writePredictions(out, request.stem, prediction.ranked, prediction.record, cell);
    print(output, prediction, settings, view.seconds, recordFile);
    return 0;
  } catch (error) {
    view.end();
    if (signal.aborted && !(error instanceof LcomsError)) return INTERRUPTED;
    const { code, message } = toRecord(error);
    if (output.json) output.document({ formula: request.formula, error: { code, message } }, 0);
    output.warn(`${request.formula}: ${code}: ${message}`);
    return exitCodeOf(code);
  }
}

/** The model is opened anew for each compound: what one gives does not depend on those before it. */
async function search(
  request: CompoundRequest,
  found: FoundModel,
  scorer: Scorer,
  settings: PredictSettings,
  templates: readonly Template[],
  signal: AbortSignal,
  view: PredictView,
): Promise<CompoundPrediction> {
  const seed = `predict/${settings.seed}/${request.formula}`;
  const model = await loadModel(found, { seed, signal });
  const { initBackend } = await import('../lib/tensor/backend.js');
  const { identity } = await initBackend();
  try {
    const optimizer = await latentDescent(model.reference.length / model.encoder.dimension);
    const provenance = {
      seed: settings.seed,
      model: { name: found.info.name, digest: digestOf(found.info) },
      backend: identity,
      options: optionsOf(settings),
    };
    const hooks: SearchHooks = {
      signal,
      onAnswer: (ranked) => view.answer(ranked),
      onProgress: (progress) => view.progress(progress),
    };
    const { tries, budget, atoms, sources } = settings;
    const parts = { model, optimizer, scorer };
    const portfolio = { tries, budget, atoms, sources, templates };
    const { files, order } = settings;
    return await predictCompound(request, parts, provenance, files, Rng.from(seed), hooks, portfolio, order);
  } finally {
    model.dispose();
  }
}

/** What identifies a model: its files. */
const digestOf = ({ files }: ModelInfo): string =>
  sha256(canonicalJson(files.map(({ role, sha256 }) => [role, sha256])));

function print(
  output: Output,
  { record, ranked, cpuSeconds }: CompoundPrediction,
  { out }: PredictSettings,
  seconds: number,
  recordFile: string,
): void {
  const written = ranked.map(({ prediction }) => prediction).filter(({ file }) => file !== null);
  const { formula, scorer, triesFinished } = record;
  if (output.json) {
    for (const { file, ...facts } of written) {
      const line = { formula, ...facts, file: pathOf(out, file), seconds: Number(seconds.toFixed(1)), scorer };
      output.document(facts.rank === 1 ? { ...line, portfolio: portfolioOf(record, cpuSeconds) } : line, 0);
    }
    return;
  }
  output.say(predictionTable(formula, written, triesFinished));
  output.say(accountTable(portfolioOf(record, cpuSeconds)));
  const more = ranked.length - written.length;
  output.say(`written to ${out}/${more > 0 ? `; ${more} more in ${recordFile}` : ''}\n`);
}

/** The accounts of the record with the CPU seconds, which no file holds. */
const portfolioOf = ({ portfolio = [] }: PredictionRecord, spent: CompoundPrediction['cpuSeconds']) =>
  portfolio.map((account) => ({ ...account, cpuSeconds: Number((spent.get(account.source) ?? 0).toFixed(2)) }));

const pathOf = (folder: string, file: string | null): string => `${folder.replace(/\/+$/, '')}/${file ?? ''}`;

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms predict MgO', 'writes predictions/MgO-1.cif, the likeliest, and those after it'],
    ['lcoms predict CaF2 ZnS --tries 40 --seed 1', 'more starts, another seed'],
    ['lcoms predict TiO2 --atoms 6 --out found --json', 'cells of 6 atoms only; a line a structure'],
    ['lcoms predict LaGaO3 --budget 5m --data mine.jsonl.gz', 'five CPU minutes, with templates of your own'],
    ['lcoms predict MgO --model RUN', 'with the model of a run of your own'],
  ],
  notes: [
    'Energies are those of the scorer (CHGNet-r2SCAN unless --scorer says otherwise). docs/predict.md says what high,',
    'medium and low confidence mean. Ctrl-C keeps what was found so far. Exit code 4 when nothing sane was found.',
  ],
};
