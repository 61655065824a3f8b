import type { ArgsDef } from 'citty';
import { distance } from '../plugins/edit-distance.js';
import { LcomsError } from '../schemas/errors.js';
import type { Verb } from './verb.js';

/** The name of `known` nearest to `given`, when it is near enough to be meant. */
export function nearest(given: string, known: readonly string[]): string | null {
  const ranked = known.map((name) => ({ name, d: distance(name, given) })).sort((a, b) => a.d - b.d)[0];
  if (ranked === undefined) return null;
  const limit = Math.max(2, Math.floor(given.length / 3));
  return ranked.d <= limit || ranked.name.startsWith(given) ? ranked.name : null;
}

/** ` Did you mean X?`, or nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearest(given, known);
  return name === null ? '' : ` Did you mean ${name}?`;
}

/**
 * Checks a verb's arguments, which citty takes as they come: no unknown option, no missing value, the right number of
 * positionals. Returns every value of each option, in order.
 * @throws LcomsError LCOMS_E_USAGE naming what is valid.
 */
export function checkArguments(name: string, verb: Verb, rawArgs: readonly string[]): Map<string, string[]> {
  const args = verb.command.args as ArgsDef;
  const options = Object.keys(args).filter((key) => args[key]?.type !== 'positional');
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  const fail = (message: string): LcomsError =>
    new LcomsError('LCOMS_E_USAGE', message, { hint: `See \`lcoms ${name} --help\`.` });

  for (let i = 0; i < rawArgs.length; i++) {
    const word = rawArgs[i] as string;
    if (word === '--') {
      positionals.push(...rawArgs.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const [flag = '', inline] = splitOnce(word);
    const option = flag.startsWith('--') ? flag.slice(2) : (aliasOf(args, flag.slice(1)) ?? flag.slice(1));
    const definition = flag.startsWith('--') || aliasOf(args, flag.slice(1)) ? args[option] : undefined;
    if (definition === undefined || definition.type === 'positional') {
      const shown = options.filter((key) => !verb.hidden?.includes(key)).map((key) => `--${key}`);
      throw fail(
        `lcoms ${name} has no option ${flag}.${didYouMean(`--${option}`, shown)} Its options: ${shown.join(', ')}`,
      );
    }
    if (definition.type === 'boolean') {
      if (inline !== undefined) throw fail(`--${option} takes no value`);
      continue;
    }
    const value = inline ?? rawArgs[++i];
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) {
      throw fail(`--${option} needs a value: --${option} ${definition.valueHint ?? 'VALUE'}`);
    }
    const given = values.get(option) ?? [];
    if (given.length > 0 && !verb.repeatable?.includes(option)) throw fail(`--${option} is given twice`);
    values.set(option, [...given, value]);
  }
  checkPositionals(name, verb, args, positionals, fail);
  return values;
}

/** The option that a letter stands for, as `f` for `follow`. */
function aliasOf(args: ArgsDef, letter: string): string | undefined {
  return Object.keys(args).find((key) =>
    [(args[key] as { alias?: string | string[] }).alias ?? []].flat().includes(letter),
  );
}

function checkPositionals(
  name: string,
  verb: Verb,
  args: ArgsDef,
  given: string[],
  fail: (m: string) => LcomsError,
): void {
  const expected = Object.keys(args).filter((key) => args[key]?.type === 'positional');
  const required = expected.filter((key) => args[key]?.required !== false);
  const missing = required[given.length];
  if (missing !== undefined) throw fail(`${missing.toUpperCase()} is missing: ${usageLine(name, verb)}`);
  if (given.length > expected.length && verb.variadic !== true) {
    throw fail(`unexpected "${given[expected.length] ?? ''}": ${usageLine(name, verb)}`);
  }
}

/** `lcoms run SPEC [options]` */
export function usageLine(name: string, verb: Verb): string {
  const args = (verb.command.args ?? {}) as ArgsDef;
  const positionals = Object.entries(args).filter(([, { type }]) => type === 'positional');
  const words = positionals.map(([key, { required }], i) => {
    const word = key.toUpperCase() + (verb.variadic && i === positionals.length - 1 ? '...' : '');
    return required === false ? `[${word}]` : word;
  });
  return ['lcoms', name, ...words, '[options]'].join(' ');
}

function splitOnce(word: string): [string, string?] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
