import { readFileSync } from 'node:fs';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import type { ZodError, z } from 'zod';
import { LcomsError } from '../../schemas/errors.js';
import { type ExperimentSpec, experimentSpecSchema } from '../../schemas/experiment.js';

export interface LoadedSpec {
  spec: ExperimentSpec;
  /** As given on the command line, for messages. */
  file: string;
}

/**
 * Reads and checks an experiment spec (YAML or JSON).
 * @param overrides `path=value` pairs, e.g. `surrogate.with.tau=0.5`; values are YAML.
 * @throws LcomsError LCOMS_E_FILE, LCOMS_E_SPEC (file, line, path, what is valid), LCOMS_E_USAGE for a bad override.
 */
export function loadSpec(file: string, overrides: readonly string[] = []): LoadedSpec {
  return { spec: parseSpec(readText(file), file, overrides), file };
}

/** @throws LcomsError LCOMS_E_FILE */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LcomsError('LCOMS_E_FILE', `cannot read the spec: ${(error as NodeJS.ErrnoException).code ?? 'error'}`, {
      file,
    });
  }
}

export function parseSpec(text: string, file: string, overrides: readonly string[] = []): ExperimentSpec {
  return parseAs(experimentSpecSchema, text, file, overrides);
}

/** A YAML mapping, with overrides put in, checked by a schema. Throws as `loadSpec`. */
export function parseAs<T>(
  schema: z.ZodType<T> & { shape: object },
  text: string,
  file: string,
  overrides: readonly string[] = [],
): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new LcomsError('LCOMS_E_SPEC', `not valid YAML: ${broken.message.split('\n')[0] ?? ''}`, { file, line });
  }
  if (!isMap(document.contents)) {
    throw new LcomsError('LCOMS_E_SPEC', 'the spec must be a mapping with apiVersion and name', { file, line: 1 });
  }
  for (const override of overrides) applyOverride(document, override);
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) throw specError(parsed.error, document, lines, file, Object.keys(schema.shape));
  return parsed.data;
}

function applyOverride(document: Document, override: string): void {
  const at = override.indexOf('=');
  if (at <= 0)
    throw new LcomsError('LCOMS_E_USAGE', `--set ${override}: write path=value, e.g. surrogate.with.tau=0.5`);
  const value = parseDocument(override.slice(at + 1));
  if (value.errors.length > 0) throw new LcomsError('LCOMS_E_USAGE', `--set ${override}: the value is not valid YAML`);
  const path = override
    .slice(0, at)
    .split('.')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  try {
    document.setIn(path, document.createNode(value.toJS()));
  } catch {
    throw new LcomsError('LCOMS_E_USAGE', `--set ${override}: "${path.slice(0, -1).join('.')}" is not a mapping`);
  }
}

function specError(
  error: ZodError,
  document: Document,
  lines: LineCounter,
  file: string,
  keys: readonly string[],
): LcomsError {
  const problems = error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: describe(issue, keys),
    line: lineOf(document, lines, issue.path),
  }));
  const first = problems[0];
  const rest = problems.slice(1, 8).map((p) => `${p.line ? `line ${p.line}, ` : ''}${p.path || 'spec'}: ${p.message}`);
  return new LcomsError('LCOMS_E_SPEC', [first?.message ?? 'invalid', ...rest].join('\n  also '), {
    file,
    ...(first?.line === undefined ? {} : { line: first.line }),
    ...(first?.path ? { path: first.path } : {}),
  });
}

/** @param keys valid ones at the top */
function describe(issue: z.core.$ZodIssue, keys: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const at = issue.path.length === 0 ? keys : [];
    const valid = at.length > 0 ? `; the keys are ${at.join(', ')}` : '';
    return `unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}${valid}`;
  }
  if (issue.code === 'invalid_union') {
    // Where one alternative is meant, by its keys, only its faults are of interest.
    const [meant, ...more] = issue.errors.filter((errors) => errors.every(({ path }) => path.length > 0));
    if (meant && more.length === 0)
      return meant.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');
    const messages = new Set(issue.errors.flat().map((e) => e.message));
    return [...messages].join('; or: ') || issue.message;
  }
  return issue.message;
}

/** Line of the deepest part of the path that the file has; undefined when it came from an override. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return undefined;
}
