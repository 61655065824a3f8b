import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import semver from 'semver';
import { distFolder } from '../infra/paths.js';
import { assertReachable } from '../infra/temporal/reach.js';
import { findTemporalCli } from '../infra/tools/index.js';
import { findScoringPython, PYTHON_SET_UP, scoringVersions } from '../infra/worker/python.js';
import { probeStore } from '../lib/artifacts/probe.js';
import { PACKAGE_ROOT } from '../lib/package-root.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { BackendName } from '../lib/tensor/backend.js';
import { ERROR_CATALOGUE, type ErrorCode, LcomsError } from '../schemas/errors.js';
import type { Probe } from './doctor-probe.js';
import type { Workplace } from './workplace.js';

const run = promisify(execFile);
/** Milliseconds that a tool gets to say its version, and the probe to load everything. */
const VERSION_TIMEOUT = 10_000;
const PROBE_TIMEOUT = 90_000;
/** The command that fetches or builds what is missing. */
const SET_UP = 'npm run setup';
const OLDEST_NODE = '20.19.0';

export interface Problem {
  code: string;
  message: string;
  /** The command or setting that mends it. */
  fix: string;
  /** `error`: runs can't work; `warning`: they can, worse. */
  severity: 'error' | 'warning';
}

export function checkNode(): Problem[] {
  if (semver.gte(process.versions.node, OLDEST_NODE)) return [];
  const message = `Node ${process.versions.node} is too old: lcoms needs ${OLDEST_NODE} or newer`;
  return [{ code: 'LCOMS_E_TOOL_MISSING', message, fix: 'nvm install 22', severity: 'error' }];
}

/** Loads the tensor backend and the scorers in a process of its own: a library that crashes takes only that along. */
export async function probeLibraries(): Promise<{ probe: Probe; problems: Problem[] }> {
  let probe: Probe = { backend: null, nvidia: null, scorers: [], errors: [] };
  const problems: Problem[] = [];
  try {
    const file = path.join(distFolder, 'cli', 'doctor-probe.js');
    const { stdout } = await run(process.execPath, [file], { timeout: PROBE_TIMEOUT, maxBuffer: 2 ** 24 });
    probe = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Probe;
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: number };
    const message = `the process that loads the tensor backend and the scorers ended with ${signal ?? `exit code ${code}`}`;
    problems.push({
      code: 'LCOMS_E_BACKEND',
      message,
      fix: 'LCOMS_BACKEND=wasm, or npm run setup -- --force',
      severity: 'error',
    });
  }
  for (const { code, message, hint } of probe.errors) {
    problems.push({
      code,
      message,
      fix: code === 'LCOMS_E_TOOL_MISSING' ? 'npm ci' : (hint ?? SET_UP),
      severity: 'error',
    });
  }
  problems.push(...checkBackend(probe));
  return { probe, problems };
}

/** How much slower than the native library the backends are that need nothing compiled (docs/backends.md). */
const SLOWER: Partial<Record<BackendName, string>> = { wasm: '5 to 8 times', cpu: 'hundreds of times' };

/** Warnings about a backend that nobody asked for and that is slower than what the machine could have. */
export function checkBackend({ backend, nvidia }: Pick<Probe, 'backend' | 'nvidia'>, env = process.env): Problem[] {
  if (backend === null || env['LCOMS_BACKEND']) return [];
  const reason = (name: BackendName): string =>
    backend.tried.find((other) => other.name === name)?.problem ?? 'it was not tried';
  const problems: Problem[] = [];
  const warn = (message: string, fix: string) =>
    problems.push({ code: 'LCOMS_E_BACKEND', message, fix, severity: 'warning' });
  const slower = SLOWER[backend.name];
  if (slower !== undefined) {
    const why = `tfjs-node: ${reason('tfjs-node')}`;
    warn(`training runs on ${backend.name}, ${slower} slower than the native library (${why})`, SET_UP);
  }
  if (nvidia !== null && backend.name !== 'tfjs-node-gpu') {
    warn(`${nvidia} is here, but not used (tfjs-node-gpu: ${reason('tfjs-node-gpu')})`, `${SET_UP} -- --gpu`);
  }
  return problems;
}

/** Which Temporal server runs would use. */
export async function checkTemporal(): Promise<{ temporal: string | null; problems: Problem[] }> {
  const remote = temporalAddress(process.env);
  try {
    if (remote !== null) {
      await assertReachable(remote);
      return { temporal: `server at ${remote.address}, namespace ${remote.namespace}`, problems: [] };
    }
    const tool = await findTemporalCli();
    if (tool === null) {
      const message = 'no `temporal` binary was found, and TEMPORAL_ADDRESS is not set';
      return { temporal: null, problems: [{ code: 'LCOMS_E_TOOL_MISSING', message, fix: SET_UP, severity: 'error' }] };
    }
    const version = await versionOf(tool.path);
    if (version === null) {
      const message = `${tool.path} (from ${tool.source}) does not run`;
      return {
        temporal: null,
        problems: [{ code: 'LCOMS_E_TOOL_MISSING', message, fix: `${SET_UP} -- --force`, severity: 'error' }],
      };
    }
    return { temporal: `embedded, ${version} (${tool.path}, from ${tool.source})`, problems: [] };
  } catch (error) {
    return {
      temporal: null,
      problems: [problemOf(error, remote === null ? SET_UP : 'unset TEMPORAL_ADDRESS, or start that server')],
    };
  }
}

/** Writes, reads and deletes an object. */
export async function checkStore({ store }: Workplace): Promise<Problem[]> {
  try {
    await probeStore(store.store);
    return [];
  } catch (error) {
    return [problemOf(error)];
  }
}

/** The tools that set-up needs, and where it keeps what it made; missing ones matter only while something is not set up. */
export async function checkTools(
  incomplete: boolean,
): Promise<{ tools: Record<string, string | null>; problems: Problem[] }> {
  const [python, pip, compiler] = await Promise.all([
    versionOf('python3'),
    versionOf('python3', '-m', 'pip'),
    versionOf('g++'),
  ]);
  const cache = (await import(pathToFileURL(path.join(PACKAGE_ROOT, 'infra', 'setup', 'tool-cache.mjs')).href)) as {
    writableRoot(): string;
  };
  const problems: Problem[] = [];
  let toolCache: string | null = null;
  try {
    toolCache = cache.writableRoot();
  } catch (error) {
    problems.push({
      code: 'LCOMS_E_TOOL_MISSING',
      message: (error as Error).message,
      fix: 'export LCOMS_TOOL_CACHE=/a/folder/to/write',
      severity: 'warning',
    });
  }
  const missing = Object.entries({ python3: python, 'python3-pip': pip, 'g++': compiler }).flatMap(([name, v]) =>
    v === null ? [name] : [],
  );
  if (incomplete && missing.length > 0) {
    const message = `set-up needs ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed`;
    problems.push({
      code: 'LCOMS_E_TOOL_MISSING',
      message,
      fix: `apt install ${missing.join(' ')} && ${SET_UP}`,
      severity: 'warning',
    });
  }
  return { tools: { toolCache, python3: python, pip, 'g++': compiler }, problems };
}

/**
 * The Python that runs ASE calculators (scorer/ase) and its packages, or what is missing. Optional, so it is a problem
 * only where one was named or made and does not work.
 */
export async function checkCalculators(env = process.env): Promise<{ calculators: string; problems: Problem[] }> {
  const python = await findScoringPython(env);
  if (python === null) {
    const instead = (await versionOf('python3')) === null ? 'python3 is not installed' : PYTHON_SET_UP;
    return { calculators: `not set up (for scorer/ase: ${instead})`, problems: [] };
  }
  try {
    const versions = Object.entries(await scoringVersions(python)).map(([name, version]) => `${name} ${version}`);
    return { calculators: `${versions.join(', ')} (${python})`, problems: [] };
  } catch (error) {
    return { calculators: 'not usable', problems: [{ ...problemOf(error), severity: 'warning' }] };
  }
}

function problemOf(error: unknown, fix?: string): Problem {
  if (error instanceof LcomsError) {
    return { code: error.code, message: error.message, fix: fix ?? error.hint, severity: 'error' };
  }
  const code: ErrorCode = 'LCOMS_E_INTERNAL';
  return { code, message: String(error), fix: ERROR_CATALOGUE[code].hint, severity: 'error' };
}

/** First line of `--version`; null when the program does not run. */
async function versionOf(file: string, ...args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run(file, [...args, '--version'], { timeout: VERSION_TIMEOUT });
    return stdout.trim().split('\n')[0] ?? '';
  } catch {
    return null;
  }
}
