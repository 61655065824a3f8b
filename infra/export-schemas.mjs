// Writes schemas/json/*.schema.json from the compiled schemas: `node infra/export-schemas.mjs` after a build;
// `--check` writes nothing and fails when a file is not what it would write.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'schemas', 'json');
const load = (file) => import(pathToFileURL(path.join(root, 'dist', file)).href);

const schemas = await load('schemas/index.js');
const { BUILT_IN } = await load('plugins/built-in.js');
const { STEPS } = await load('activities/dag/steps.js');

/** Slot of a spec -> kind of its plugin. */
const SLOTS = { data: 'dataset', encoder: 'encoder', surrogate: 'surrogate', optimizer: 'optimizer', scorer: 'scorer' };
const SLOT_DESCRIPTIONS = {
  data: 'where the crystals to learn from come from',
  encoder: 'crystal to latent vector and back',
  surrogate: 'energy of a latent vector',
  optimizer: 'search over latents',
  scorer: 'judge of energies: relaxes starts, truths and answers',
};

const jsonSchema = (schema) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
const withoutDialect = ({ $schema, ...schema }) => schema;

/** `use` of one kind: the built-in names to choose from, or any other that a configuration may bring. */
function slotSchema(slot, kind, original) {
  const plugins = BUILT_IN.filter((plugin) => plugin.kind === kind);
  const byDefault = original.properties.use.default;
  const ids = plugins.map(({ name }) => `${kind}/${name}`);
  return {
    type: 'object',
    description: SLOT_DESCRIPTIONS[slot],
    default: original.default,
    additionalProperties: false,
    properties: {
      use: {
        default: byDefault,
        description: 'kind/name, optionally @semver-range',
        anyOf: [{ enum: ids }, { type: 'string', pattern: `^${kind}/[a-z0-9][a-z0-9-]*(@[0-9A-Za-z.^~<>=| *-]+)?$` }],
      },
      with: { type: 'object', description: 'options of the plugin; `lcoms plugins show ID` lists them' },
    },
    allOf: plugins.map((plugin) => ({
      if: {
        properties: { use: { pattern: `^${kind}/${plugin.name}(@|$)` } },
        // Left out, the default is meant.
        ...(byDefault === `${kind}/${plugin.name}` ? {} : { required: ['use'] }),
      },
      then: {
        properties: {
          with: { description: plugin.summary, ...withoutDialect(jsonSchema(plugin.options)) },
        },
      },
    })),
  };
}

function experimentSchema() {
  const { $schema, $defs, $ref } = jsonSchema(schemas.experimentSpecSchema);
  const { [path.posix.basename($ref)]: experiment, ...definitions } = $defs;
  const properties = { ...experiment.properties };
  for (const [slot, kind] of Object.entries(SLOTS)) properties[slot] = slotSchema(slot, kind, properties[slot]);
  properties.steps = {
    type: 'object',
    description: properties.steps.description,
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(STEPS).map(([step, { summary, options }]) => [
        step,
        { description: summary, ...withoutDialect(jsonSchema(options)) },
      ]),
    ),
  };
  return { $schema, ...experiment, properties, $defs: definitions };
}

const files = {
  experiment: experimentSchema(),
  crystal: { title: 'crystal', ...jsonSchema(schemas.crystalSchema) },
  artifact: { title: 'manifest of a node and its artifact', ...jsonSchema(schemas.nodeManifestSchema) },
  'plugin-manifest': { title: 'plugin manifest', ...jsonSchema(schemas.pluginManifestSchema) },
  'run-record': {
    title: 'run record: plan.json or status.json of a run',
    ...jsonSchema(z.union([schemas.runPlanSchema, schemas.runStatusSchema])),
  },
  model: { title: 'model.json of a folder with a trained model', ...jsonSchema(schemas.modelInfoSchema) },
  sweep: { title: 'lcoms sweep', ...jsonSchema(schemas.sweepSpecSchema) },
  'sweep-record': {
    title: 'record of a sweep: plan.json, status.json, or one of its trials',
    ...jsonSchema(z.union([schemas.sweepPlanSchema, schemas.sweepStatusSchema, schemas.trialRecordSchema])),
  },
  score: { title: 'score of a crystal', ...jsonSchema(schemas.scoreSchema) },
};

const check = process.argv.includes('--check');
const stale = [];
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(files)) {
  const file = path.join(folder, `${name}.schema.json`);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (check) stale.push(path.relative(root, file));
  else writeFileSync(file, text);
}
if (stale.length > 0) {
  process.stderr.write(`not current: ${stale.join(', ')}\nTo mend: npm run build && node infra/export-schemas.mjs\n`);
  process.exit(1);
}
process.exit(0);
