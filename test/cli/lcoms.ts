import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline, Readable, type Writable } from 'node:stream';
import { afterAll, expect } from 'vitest';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js');

/** A whole pipeline that takes seconds. */
export const TINY = path.join(ROOT, 'test', 'fixtures', 'specs', 'tiny.yaml');
export const QUICKSTART = path.join(ROOT, 'experiments', 'quickstart.yaml');
export const TINY_DATA = path.join(ROOT, 'test', 'fixtures', 'specs', 'tiny.jsonl');
/** The same down to the trained model. */
export const TINY_MODEL = path.join(ROOT, 'test', 'fixtures', 'specs', 'tiny-model.yaml');
/** Starts and their scores alone, by a scorer for tests only. */
export const STARTS_ONLY = path.join(ROOT, 'test', 'fixtures', 'specs', 'starts-only.yaml');

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** stdout and stderr so far. */
  text(): string;
  /** Resolves when the output matches; rejects when the process ends without it. */
  prints(pattern: RegExp): Promise<void>;
  finished: Promise<Finished>;
}

/** An empty folder that is removed after the tests of the file. */
export function emptyFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the real command in a process of its own, without the variables of whoever runs the tests. */
export function start(cwd: string, args: string[], env: Record<string, string> = {}, input?: Readable): Running {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(LCOMS_(?!TOOL_CACHE)|TEMPORAL_(?!CLI_PATH)|AWS_|NODE_OPTIONS|NO_COLOR|VITEST)/.test(name),
    ),
  );
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  // Whoever stops reading ends the writing: the exit code tells.
  if (input && child.stdin) pipeline(input, child.stdin, () => undefined);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const text = (): string => stdout + stderr;
  const prints = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(text())) resolve();
      };
      look();
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      void finished.then(() => reject(new Error(`ended without ${pattern}: ${text()}`)));
    });
  return { child, text, prints, finished };
}

/** Runs the command to its end on what a pipe gives it. */
export async function lcomsFrom(
  input: Readable | string,
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  return await start(cwd, args, env, typeof input === 'string' ? Readable.from([input]) : input).finished;
}

/** Runs the command to its end. */
export async function lcoms(cwd: string, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return await start(cwd, args, env).finished;
}

/** Runs it with `--json`; stdout must be one JSON document. */
export async function lcomsJson<T>(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Finished & { document: T }> {
  const finished = await lcoms(cwd, [...args, '--json'], env);
  return { ...finished, document: JSON.parse(finished.stdout) as T };
}

/**
 * The document of a command that the tests of a file build on: throws what the command said when it fails. In CI it is tried again
 * as tests are (vitest.config.ts), which set-ups are not.
 */
export async function documentOf<T>(cwd: string, args: string[], env: Record<string, string> = {}): Promise<T> {
  for (let left = process.env['CI'] ? 2 : 0; ; left--) {
    const { code, stdout, stderr } = await lcoms(cwd, [...args, '--json'], env);
    if (code === 0) return JSON.parse(stdout) as T;
    const said = `lcoms ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`;
    if (left === 0) throw new Error(said);
    console.warn(`tried again: ${said}`);
  }
}

/** What a reader gets through a shell's pipe when it starts to read a second late. */
export function lcomsToSlowReader(cwd: string, args: string[]): string {
  return execFileSync('bash', ['-c', '"$0" "$@" | (sleep 1; cat)', process.execPath, MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

/** An error as a person should meet it: its code, on one screen, without a stack trace, and with a way out. */
export function expectOneScreen({ stderr }: Finished, code: string): void {
  expect(stderr).toContain(`error ${code}`);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(24);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(stderr).toContain('hint ');
}
