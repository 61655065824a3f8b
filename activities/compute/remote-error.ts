import { ERROR_CATALOGUE, type ErrorCode } from '../../schemas/errors.js';
import type { RemoteError } from './protocol.js';

interface LcomsErrorLike {
  code: ErrorCode;
  message: string;
  hint?: unknown;
  where?: unknown;
}

/**
 * What is told of an error outside the compute process. LcomsError is known by its name and code, not by its class: a
 * plugin may bring its own copy of the package. Anything else is LCOMS_E_INTERNAL; its stack goes to the log.
 */
export function toRemoteError(error: unknown): RemoteError {
  if (isLcomsErrorLike(error)) {
    const { code, message, hint, where } = error;
    return {
      record: {
        code,
        message,
        ...(typeof hint === 'string' ? { hint } : {}),
        ...(typeof where === 'string' && where !== '' ? { where } : {}),
      },
      retryable: ERROR_CATALOGUE[code].retryable,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { hint, retryable } = ERROR_CATALOGUE.LCOMS_E_INTERNAL;
  return { record: { code: 'LCOMS_E_INTERNAL', message, hint }, retryable };
}

function isLcomsErrorLike(error: unknown): error is LcomsErrorLike {
  if (!(error instanceof Error) || error.name !== 'LcomsError') return false;
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code);
}
