import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { packagedFile } from '../../lib/package-root.js';
import { addressEnvironment } from '../../lib/temporal/address.js';
import { LcomsError } from '../../schemas/errors.js';
import { logsFolder } from '../paths.js';
import { readiness, type SpawnedWorker, watched } from './spawn.js';

/** The command that makes the Python environment of scoring. */
export const PYTHON_SET_UP = 'npm run setup -- --python';
/** Milliseconds that a Python gets to say what it has. */
const VERSIONS_TIMEOUT = 20_000;

const VERSIONS = `
import importlib.metadata as m, json, platform
print(json.dumps({"python": platform.python_version(), **{p: m.version(p) for p in ("ase", "temporalio", "numpy")}}))`;

/** infra/setup/python.mjs: plain JavaScript, because set-up runs before the compile. */
interface SetUp {
  findScoringPython(env: NodeJS.ProcessEnv): string | null;
}

/** The Python that runs calculators: LCOMS_PYTHON, else the one that `npm run setup -- --python` made; null: neither. */
export async function findScoringPython(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const given = env['LCOMS_PYTHON'];
  if (given) return given;
  const setUp = (await import(pathToFileURL(packagedFile('infra/setup/python.mjs')).href)) as SetUp;
  return setUp.findScoringPython(env);
}

/** Versions of a Python and of the packages that the worker needs. Throws LCOMS_E_TOOL_MISSING, in one line. */
export async function scoringVersions(python: string): Promise<Record<string, string>> {
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', VERSIONS], { timeout: VERSIONS_TIMEOUT });
    return JSON.parse(stdout) as Record<string, string>;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: string | number; stderr?: string };
    const why = code === 'ENOENT' ? 'not found' : (stderr.trim().split('\n').at(-1) ?? 'it does not run');
    throw new LcomsError('LCOMS_E_TOOL_MISSING', `${python} can't run the scoring worker: ${why}`, {
      cause,
      hint: `${PYTHON_SET_UP}, or point LCOMS_PYTHON to a Python with ase, numpy and temporalio.`,
    });
  }
}

export interface PythonWorkerOptions {
  /** host:port */
  address: string;
  namespace: string;
  /** Absolute LCOMS_HOME: its output goes to <home>/logs/python-worker.log. */
  home: string;
  /** Default process.env. LCOMS_CALCULATORS names the file of its calculators. */
  env?: NodeJS.ProcessEnv;
}

/** A Python worker that takes tasks, and the names of the calculators that it serves. */
export interface SpawnedPythonWorker extends SpawnedWorker {
  queue: string;
  calculators: string[];
}

/**
 * Starts a Python worker that ends with this process, and waits until it takes tasks. Throws LCOMS_E_TOOL_MISSING
 * when there is no Python for it, or the error that kept it from starting.
 */
export async function spawnPythonWorker(options: PythonWorkerOptions): Promise<SpawnedPythonWorker> {
  const { address, namespace, home, env = process.env } = options;
  const python = await findScoringPython(env);
  if (python === null) {
    throw new LcomsError('LCOMS_E_TOOL_MISSING', 'there is no Python environment for calculators', {
      hint: `${PYTHON_SET_UP} makes one; or point LCOMS_PYTHON to a Python with ase, numpy and temporalio.`,
    });
  }
  await scoringVersions(python);
  const log = path.join(logsFolder(home), 'python-worker.log');
  mkdirSync(path.dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  const child = spawn(python, ['-m', 'lcoms_scoring', '--until-stdin-closes'], {
    env: {
      ...addressEnvironment(address, namespace, env),
      PYTHONPATH: [packagedFile('infra/python'), env['PYTHONPATH']].filter(Boolean).join(path.delimiter),
    },
    stdio: ['pipe', 'pipe', output],
    // A Ctrl-C in the terminal reaches the whole group; it is this process that decides when the worker ends.
    detached: true,
  });
  closeSync(output);
  const worker = watched(child);
  const { queue, calculators } = await readiness(child, log);
  return { ...worker, queue: queue as string, calculators: calculators as string[] };
}
