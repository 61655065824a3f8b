import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../../lib/package-root.js';
import { LcomsError } from '../../schemas/errors.js';

/** A tool and where it was found. */
export interface FoundTool {
  /** Absolute path of the executable. */
  path: string;
  /** The variable's name, `PATH`, or `tool cache`. */
  source: string;
}

/** What this file uses of a pin in infra/setup/pins.json. */
interface Pin {
  package: string;
  version: string;
  file: string;
  pathVariable: string;
}

/** infra/setup/tool-cache.mjs: plain JavaScript, because set-up runs before the compile. */
interface ToolCache {
  pins: { temporal: Pin; seaweedfs: Pin };
  entryName(pin: Pin): string;
  findCached(name: string, file: string, env?: NodeJS.ProcessEnv): string | null;
}

type Environment = NodeJS.ProcessEnv;

/**
 * The Temporal command line: TEMPORAL_CLI_PATH, then `temporal` on PATH, then the tool cache that `npm run setup`
 * fills; null when it is nowhere. Throws LCOMS_E_TOOL_MISSING when TEMPORAL_CLI_PATH names no executable.
 */
export function findTemporalCli(env: Environment = process.env): Promise<FoundTool | null> {
  return findTool('temporal', env);
}

/**
 * The SeaweedFS server `weed`: LCOMS_WEED_PATH, then PATH, then the tool cache that `npm run setup -- --with-s3`
 * fills; null when it is nowhere. Throws LCOMS_E_TOOL_MISSING when LCOMS_WEED_PATH names no executable.
 */
export function findWeed(env: Environment = process.env): Promise<FoundTool | null> {
  return findTool('seaweedfs', env);
}

async function findTool(name: 'temporal' | 'seaweedfs', env: Environment): Promise<FoundTool | null> {
  const cache = await toolCache();
  const pin = cache.pins[name];
  const given = env[pin.pathVariable];
  if (given !== undefined && given !== '') {
    if (isExecutable(given)) return { path: path.resolve(given), source: pin.pathVariable };
    throw new LcomsError('LCOMS_E_TOOL_MISSING', `${pin.pathVariable} is "${given}", which is not an executable file`, {
      hint: `Point ${pin.pathVariable} to the ${pin.file} executable, or unset it.`,
    });
  }
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, pin.file);
    if (folder !== '' && isExecutable(candidate)) return { path: path.resolve(candidate), source: 'PATH' };
  }
  const cached = cache.findCached(cache.entryName(pin), pin.file, env);
  return cached === null ? null : { path: cached, source: 'tool cache' };
}

async function toolCache(): Promise<ToolCache> {
  const file = path.join(PACKAGE_ROOT, 'infra', 'setup', 'tool-cache.mjs');
  return (await import(pathToFileURL(file).href)) as ToolCache;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
