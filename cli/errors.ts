import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { homeOf } from '../activities/locations.js';
import { logsFolder } from '../infra/paths.js';
import { ERROR_CATALOGUE, type ErrorCode, LcomsError } from '../schemas/errors.js';
import type { ErrorRecord } from '../schemas/run.js';
import type { Output } from './output.js';

/** Lines of a message that are shown: an error fits on one screen. */
const MAXIMUM_LINES = 14;
const MAXIMUM_LINE = 400;

/** Exit code of a person's Ctrl-C. */
export const INTERRUPTED = 130;

/** Exit code that the catalogue gives a code; 4 for one that it does not know. */
export function exitCodeOf(code: string): number {
  return Object.hasOwn(ERROR_CATALOGUE, code) ? ERROR_CATALOGUE[code as ErrorCode].exitCode : 4;
}

/** The record of anything thrown; what nobody foresaw becomes LCOMS_E_INTERNAL, its stack goes to a log that is named. */
export function toRecord(error: unknown): ErrorRecord {
  if (error instanceof LcomsError) return error.toJSON();
  const log = writeLog(error);
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'LCOMS_E_INTERNAL',
    message: reason,
    hint: `This is a defect in lcoms or in a plugin: please report it with the spec. Details: ${log}`,
  };
}

/** Prints an error for people on stderr, and as `{error}` on stdout with `--json`. Returns the exit code. */
export function printError(output: Output, error: unknown): number {
  const record = toRecord(error);
  if (output.json) output.document({ error: record });
  process.stderr.write(`${renderError(output, record)}\n`);
  return exitCodeOf(record.code);
}

/** `error CODE at place`, the message, the way out. */
export function renderError(output: Output, record: ErrorRecord): string {
  const style = (name: 'red' | 'bold' | 'cyan', text: string): string => output.style(name, text, process.stderr);
  const lines = record.message.split('\n').map((line) => line.trim());
  const shown = lines
    .slice(0, MAXIMUM_LINES)
    .map((line) => (line.length > MAXIMUM_LINE ? `${line.slice(0, MAXIMUM_LINE)}...` : line));
  if (lines.length > MAXIMUM_LINES) shown.push(`... and ${lines.length - MAXIMUM_LINES} more lines`);
  const place = record.where ? `  ${style('bold', record.where)}` : '';
  const hint =
    record.hint ?? (Object.hasOwn(ERROR_CATALOGUE, record.code) ? ERROR_CATALOGUE[record.code as ErrorCode].hint : '');
  return [
    `${style('red', `error ${record.code}`)}${place}`,
    ...shown.map((line) => `  ${line}`),
    ...(hint ? [`${style('cyan', 'hint')} ${hint}`] : []),
  ].join('\n');
}

function writeLog(error: unknown): string {
  const logs = logsFolder(homeOf());
  // Verbs that promise to write nothing do not make a home only to complain in it.
  const file = existsSync(homeOf()) ? path.join(logs, 'cli.log') : path.join(os.tmpdir(), `lcoms-${process.pid}.log`);
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(file, `${new Date().toISOString()} ${process.argv.slice(2).join(' ')}\n${details}\n`);
    return file;
  } catch {
    return 'none could be written';
  }
}
