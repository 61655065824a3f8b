import { z } from 'zod';
import { type CdvaeOptions, cdvaeOptionsSchema } from './options.js';
import { type PaperOptions, paperOptionsSchema } from './paper/options.js';
import { PRESET_SETTINGS } from './preset-settings.js';

const NETWORKS = { vector: cdvaeOptionsSchema, 'dimenet-gemnet': paperOptionsSchema };
export type Network = keyof typeof NETWORKS;
export type Preset = keyof typeof PRESET_SETTINGS;
/** Options with all defaults of their preset and network filled in. */
export type PresetOptions = CdvaeOptions | PaperOptions;

const PRESETS = Object.keys(PRESET_SETTINGS) as Preset[];
type Options = Record<string, unknown>;

const isObject = (x: unknown): x is Options => typeof x === 'object' && x !== null && !Array.isArray(x);

/** `given` over `defaults`, objects member by member. */
function merged(defaults: Options, given: Options): Options {
  const out: Options = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    const below = defaults[key];
    out[key] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return out;
}

/** What the preset sets for the network, or undefined where it does not offer it. */
const settingsOf = (preset: Preset, network: Network): Options | undefined =>
  (PRESET_SETTINGS[preset].settings as Partial<Record<Network, Options>>)[network];

/** The preset's default of an option of its own network; undefined where there is none. */
function defaultOf(preset: Preset, key: string): unknown {
  const { network } = PRESET_SETTINGS[preset];
  const set = settingsOf(preset, network)?.[key];
  if (set !== undefined) return set;
  return (NETWORKS[network].shape as Record<string, z.ZodType>)[key]?.safeParse(undefined).data;
}

const unwrapped = (field: z.ZodType): z.ZodType =>
  (field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field) as z.ZodType;

/** A field that may be left out and stays so: presets have their own defaults. The manifest shows `value` as the default. */
function open(field: z.ZodType, value: unknown, description = field.description ?? ''): z.ZodType {
  const inner = unwrapped(field);
  const held = inner instanceof z.ZodObject ? openObject(inner, value) : inner;
  return held
    .optional()
    .meta({ ...(description === '' ? {} : { description }), ...(value === undefined ? {} : { default: value }) });
}

function openObject(object: z.ZodObject, values: unknown): z.ZodObject {
  const fields = Object.entries(object.shape as Record<string, z.ZodType>);
  return z.strictObject(Object.fromEntries(fields.map(([key, field]) => [key, open(field, (values as Options)[key])])));
}

/** An option as the manifest shows it: with the small preset's default, and those of other presets where they differ. */
function documented(key: string): z.ZodType {
  const vector = (NETWORKS.vector.shape as Record<string, z.ZodType>)[key];
  const gemnet = (NETWORKS['dimenet-gemnet'].shape as Record<string, z.ZodType>)[key];
  const field = vector ?? (gemnet as z.ZodType);
  const notes = [field.description];
  if (vector === undefined) notes.push('(network dimenet-gemnet only)');
  else if (gemnet === undefined) notes.push('(network vector only)');
  const first = vector === undefined ? 'paper' : 'small';
  const value = defaultOf(first, key);
  for (const preset of PRESETS) {
    const other = preset === first ? undefined : defaultOf(preset, key);
    if (other === undefined || isObject(other) || JSON.stringify(other) === JSON.stringify(value)) continue;
    const ownMeaning = preset === 'paper' && vector !== undefined && gemnet?.description !== vector.description;
    const meaning = ownMeaning && gemnet?.description !== undefined ? `: ${gemnet.description}` : '';
    notes.push(`(preset ${preset}: ${JSON.stringify(other)}${meaning})`);
  }
  return open(field, value, notes.filter((note) => note !== undefined && note !== '').join(' '));
}

const keys = [...new Set(Object.values(NETWORKS).flatMap((schema) => Object.keys(schema.shape)))];
const shape = Object.fromEntries(
  keys.filter((key) => key !== 'preset' && key !== 'network').map((key) => [key, documented(key)]),
);

/**
 * Options of encoder/cdvae: `preset` chooses where the other options start from, `network` which options there are.
 * Parsing fills in all defaults and refuses options that only the other network has.
 */
export const presetOptionsSchema = z
  .strictObject({
    preset: z
      .enum(PRESETS)
      .default('small')
      .describe(
        'small: minutes on two CPU cores; medium: an hour or two; paper: networks and settings of Xie et al. 2021',
      ),
    network: z
      .enum(Object.keys(NETWORKS) as Network[])
      .optional()
      .describe(
        'vector: light vector messages (PaiNN family), default of small and medium; dimenet-gemnet: DimeNet++ and GemNet-T, default of paper',
      ),
    ...shape,
  })
  .check((payload) => {
    if (payload.issues.length > 0) return;
    const given = payload.value as { preset: Preset; network?: Network } & Options;
    const network = given.network ?? PRESET_SETTINGS[given.preset].network;
    const issue = (path: string, message: string) =>
      payload.issues.push({ code: 'custom', input: given[path], path: [path], message });
    const settings = settingsOf(given.preset, network);
    if (settings === undefined) {
      issue(
        'network',
        `the preset ${given.preset} has no network ${network}, only ${PRESET_SETTINGS[given.preset].network}`,
      );
      return;
    }
    const own = NETWORKS[network];
    const foreign = Object.keys(given).filter((key) => !(key in own.shape));
    for (const key of foreign) issue(key, `the network ${network} of preset ${given.preset} has no such option`);
    if (foreign.length > 0) return;
    const parsed = own.safeParse(merged(settings, { ...given, network }));
    if (parsed.success) payload.value = parsed.data as typeof payload.value;
    else for (const problem of parsed.error.issues) payload.issues.push({ ...problem, input: given } as never);
  });

/** What {@link presetOptionsSchema} gave, as the type of its network. */
export function presetOptions(options: z.output<typeof presetOptionsSchema>): PresetOptions {
  return NETWORKS[options.network as Network].parse(options);
}
