import { execFile } from 'node:child_process';
import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import type { GitState } from '../../schemas/environment.js';
import { blotted, SECRET_FILES } from './secrets.js';

/** A difference that is larger is known by its digest only. */
const MAXIMUM_DIFF = 1_000_000;
const PATIENCE = 10_000;

/**
 * How the repository around `folder` stands; null outside of one, or without git. Its difference from the commit goes to
 * `store`, tracked files only, never secrets.
 */
export async function gitState(folder: string, store: ArtifactStore | null): Promise<GitState | null> {
  if ((await git(folder, ['rev-parse', '--is-inside-work-tree']))?.trim() !== 'true') return null;
  const commit = (await git(folder, ['rev-parse', '--verify', '-q', 'HEAD']))?.trim() || null;
  const changes = (await git(folder, ['status', '--porcelain', '--untracked-files=no'])) ?? '';
  const dirty = changes.trim() !== '';
  if (!dirty) return { commit, dirty, diffDigest: null, diff: null };
  const against = commit === null ? ['--cached'] : ['HEAD'];
  const pathspec = ['--', ':(top)', ...SECRET_FILES.map((glob) => `:(top,exclude,icase,glob)**/${glob}`)];
  const raw = await git(folder, ['diff', ...against, '--no-color', '--no-ext-diff', '--no-textconv', ...pathspec]);
  if (!raw) return { commit, dirty, diffDigest: null, diff: null };
  const bytes = Buffer.from(blotted(raw));
  const keep = store !== null && bytes.length <= MAXIMUM_DIFF;
  return {
    commit,
    dirty,
    diffDigest: sha256(bytes),
    diff: keep ? await store.putBlob('working-folder.diff', bytes) : null,
  };
}

/** What git prints; null when it fails. What a repository's own configuration would start is not started. */
function git(folder: string, args: readonly string[]): Promise<string | null> {
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-pager'];
  return new Promise((resolve) => {
    execFile(
      'git',
      [...safe, ...args],
      {
        cwd: folder,
        timeout: PATIENCE,
        maxBuffer: 1 << 28,
        env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
      },
      (error, stdout) => resolve(error ? null : stdout),
    );
  });
}
