import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { thisMachine } from '../../lib/machine.js';
import { LCOMS_VERSION } from '../../lib/version.js';
import type { RunEnvironment } from '../../schemas/environment.js';
import { gitState } from './git-state.js';
import { lockFile } from './lock-file.js';

/** What a run that is started now, here, is started with. @param store takes the difference from the commit as a blob */
export async function recordEnvironment(
  store: ArtifactStore | null,
  folder: string = process.cwd(),
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunEnvironment> {
  return {
    lcoms: LCOMS_VERSION,
    node: process.version,
    machine: thisMachine(),
    backendWanted: env['LCOMS_BACKEND'] || null,
    lockFile: lockFile(folder),
    git: await gitState(folder, store),
  };
}
