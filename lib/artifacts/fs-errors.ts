import { LcomsError } from '../../schemas/errors.js';

const ADVICE: Record<string, string> = {
  ENOSPC: 'The disk is full: free some space, or move the store.',
  EDQUOT: 'The disk quota is used up: free some space, or move the store.',
  EACCES: 'Give this user read and write permission there, or move the store.',
  EPERM: 'Give this user read and write permission there, or use a file system with hard links.',
  EROFS: 'The file system is read-only: move the store.',
  EEXIST: 'A file is in the way of a folder: move it, or move the store.',
  ENOTDIR: 'A file is in the way of a folder: move it, or move the store.',
  EISDIR: 'A folder is in the way of a file: move it, or move the store.',
  ENOTSUP: 'The store needs a file system with hard links.',
  EMFILE: 'Too many open files: raise `ulimit -n`.',
};

/** The `code` of a Node system error, or ''. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A system error as LCOMS_E_STORE that names the path; an LcomsError stays what it is. */
export function fsError(error: unknown, doing: string, path: string): LcomsError {
  if (error instanceof LcomsError) return error;
  const code = errnoOf(error);
  const hint = ADVICE[code];
  return new LcomsError('LCOMS_E_STORE', `cannot ${doing} ${path}: ${code || String(error)}`, {
    path,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** LCOMS_E_STORE for a path that a symbolic link takes out of the store. */
export function linkRefused(file: string): LcomsError {
  return new LcomsError('LCOMS_E_STORE', `${file} is a symbolic link, or lies behind one, that leaves the store`, {
    path: file,
    hint: 'Remove the link; a store is one folder (which may itself be a link to another disk).',
  });
}
