import { z } from 'zod';
import { type CdvaeOptions, cdvaeOptionsSchema } from './options.js';
import { type PaperOptions, paperOptionsSchema } from './paper/options.js';

const SCHEMAS = { small: cdvaeOptionsSchema, paper: paperOptionsSchema };
export type Preset = keyof typeof SCHEMAS;
/** Options with all defaults of their preset filled in. */
export type PresetOptions = CdvaeOptions | PaperOptions;

const defaultOf = (preset: Preset, key: string): unknown => {
  const field = (SCHEMAS[preset].shape as Record<string, z.ZodType>)[key];
  return field?.safeParse(undefined).data;
};

/** An option as the manifest shows it: with the small preset's default, or the paper preset's where it is its own. */
function documented(key: string): z.ZodType {
  const small = (cdvaeOptionsSchema.shape as Record<string, z.ZodType>)[key];
  const paper = (paperOptionsSchema.shape as Record<string, z.ZodType>)[key];
  const field = small ?? (paper as z.ZodType);
  const inner = (field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field) as z.ZodType;
  const open = field instanceof z.ZodOptional;
  const notes = [field.description];
  if (small === undefined) notes.push('(preset paper only)');
  else if (paper === undefined) notes.push('(preset small only)');
  else if (!open) {
    const other = JSON.stringify(defaultOf('paper', key));
    const differs = other !== JSON.stringify(defaultOf('small', key));
    const same = paper.description === undefined || paper.description === small.description;
    const meaning = same ? '' : `: ${paper.description}`;
    if (differs) notes.push(`(preset paper: ${other}${meaning})`);
  }
  const description = notes.filter((note) => note !== undefined && note !== '').join(' ');
  const value = defaultOf(small === undefined ? 'paper' : 'small', key);
  return inner
    .optional()
    .meta({ ...(description === '' ? {} : { description }), ...(value === undefined ? {} : { default: value }) });
}

const keys = [...new Set([...Object.keys(cdvaeOptionsSchema.shape), ...Object.keys(paperOptionsSchema.shape)])];
const shape = Object.fromEntries(keys.filter((key) => key !== 'preset').map((key) => [key, documented(key)]));

/**
 * Options of encoder/cdvae: `preset` chooses which options there are and their defaults. Parsing fills in those of the
 * preset and refuses options that only another preset has.
 */
export const presetOptionsSchema = z
  .strictObject({
    preset: z
      .enum(['small', 'paper'])
      .default('small')
      .describe('small: minutes on two CPU cores; paper: networks and settings of Xie et al. 2021'),
    ...shape,
  })
  .check((payload) => {
    if (payload.issues.length > 0) return;
    const given = payload.value as { preset: Preset } & Record<string, unknown>;
    const own = SCHEMAS[given.preset];
    const foreign = Object.keys(given).filter((key) => !(key in own.shape));
    for (const key of foreign)
      payload.issues.push({
        code: 'custom',
        input: given[key],
        path: [key],
        message: `the preset ${given.preset} has no such option`,
      });
    if (foreign.length > 0) return;
    const parsed = own.safeParse(given);
    if (parsed.success) payload.value = parsed.data as typeof payload.value;
    else for (const issue of parsed.error.issues) payload.issues.push({ ...issue, input: given } as never);
  });

/** What {@link presetOptionsSchema} gave, as the type of its preset. */
export const presetOptions = (options: z.output<typeof presetOptionsSchema>): PresetOptions =>
  SCHEMAS[options.preset].parse(options);
