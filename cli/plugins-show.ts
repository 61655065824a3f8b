import { defineCommand } from 'citty';
import { table } from './output.js';
import { TEST_ONLY } from './test-only.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry } from './workplace.js';

/** What a JSON Schema says of one option. */
interface OptionSchema {
  type?: string;
  default?: unknown;
  description?: string;
  enum?: unknown[];
  anyOf?: OptionSchema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

const command = defineCommand({
  meta: { name: 'plugins show', description: 'Show a plugin: what it does and every option with its default' },
  args: {
    id: { type: 'positional', required: true, description: 'kind/name, e.g. optimizer/latent-gradient' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const registry = await openRegistry();
    const plugin = registry.find(args.id);
    const id = `${plugin.kind}/${plugin.name}`;
    const manifest = registry.list().find((entry) => entry.id === id);
    if (output.json || manifest === undefined) {
      output.document(manifest);
      return 0;
    }
    output.say(`${output.style('bold', `${id}@${manifest.version}`)} (${manifest.source})\n${manifest.summary}`);
    if (plugin.capabilities.testOnly) output.say(`It is ${TEST_ONLY}.`);
    for (const source of manifest.cite) output.say(`  ${source}`);
    const options = Object.entries((manifest.options['properties'] ?? {}) as Record<string, OptionSchema>);
    if (options.length === 0) output.say('\nIt has no options.');
    else {
      const head = ['option', 'values', 'default', 'meaning'].map((title) => output.style('bold', title));
      const required = new Set((manifest.options.required as string[] | undefined) ?? []);
      const rows = options.map(([name, schema]) => [
        name,
        valuesOf(schema),
        defaultOf(schema, required.has(name)),
        schema.description ?? '',
      ]);
      output.say(`\n${table([head, ...rows])}`);
    }
    return 0;
  },
});

/** Whole objects are too long for a column: `--json` has them. */
function defaultOf(schema: OptionSchema, required: boolean): string {
  if (schema.default === undefined) return required ? '(required)' : '(none)';
  return typeof schema.default === 'object' && schema.default !== null ? '{...}' : JSON.stringify(schema.default);
}

/** `integer >= 1`, `a | b`. */
function valuesOf(schema: OptionSchema): string {
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(' or ');
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = exclusiveMinimum !== undefined ? ` > ${exclusiveMinimum}` : isBound(minimum) ? ` >= ${minimum}` : '';
  const high = exclusiveMaximum !== undefined ? ` < ${exclusiveMaximum}` : isBound(maximum) ? ` <= ${maximum}` : '';
  return `${schema.type ?? 'any'}${low}${low && high ? ',' : ''}${high}`;
}

/** zod writes the range of safe integers as bounds. */
function isBound(value: number | undefined): boolean {
  return value !== undefined && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms plugins show surrogate/com', 'its options, for `with:` in a spec'],
    ['lcoms plugins show encoder/cdvae --json', 'the manifest, options as JSON Schema'],
  ],
};
