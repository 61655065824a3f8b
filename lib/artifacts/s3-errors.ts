import { LcomsError } from '../../schemas/errors.js';
import { TIMED_OUT } from './s3-transport.js';

const AUTH = new Set([
  'AccessDenied',
  'AccountProblem',
  'AuthorizationHeaderMalformed',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

const TRANSIENT = new Set([
  // Of the network.
  TIMED_OUT,
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  // Of the service. A conditional conflict is two conditional writes at once: the next try finds the winner.
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
]);

/** The S3 or system error code; `HTTP 503` for the statuses that minio-js reports only in words; else ''. */
export function s3Code(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  const status = /Retryable HTTP status: (\d+)/.exec(error.message);
  return status ? `HTTP ${status[1]}` : '';
}

export function isMissingObject(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(s3Code(error));
}

export function isTransient(error: unknown): boolean {
  const code = s3Code(error);
  return TRANSIENT.has(code) || code.startsWith('HTTP ');
}

/** The service is there and can't serve at the moment. */
export function isBusy(error: unknown): boolean {
  const code = s3Code(error);
  return code.startsWith('HTTP 5') || ['InternalError', 'ServiceUnavailable', 'SlowDown'].includes(code);
}

/**
 * An error of the client as LCOMS_E_STORE_AUTH or LCOMS_E_STORE. The original is not kept as the cause: replies to a
 * bad signature carry the access key and what was signed. `secrets` are blotted out of whatever text remains.
 */
export function s3Error(error: unknown, doing: string, store: string, endpoint: string, secrets: string[]): LcomsError {
  if (error instanceof LcomsError) return error;
  const code = s3Code(error);
  let detail = error instanceof Error ? error.message : String(error);
  for (const secret of secrets) if (secret !== '') detail = detail.replaceAll(secret, '***');
  // A refused connection to a name with several addresses has a code and no message.
  const coded = code === '' || code === TIMED_OUT || detail.includes(code);
  const why = coded ? detail : detail === '' ? code : `${code}: ${detail}`;
  if (code === 'RequestTimeTooSkewed') {
    const hint = "Set this machine's clock: signatures are good for some minutes only.";
    return new LcomsError('LCOMS_E_STORE_AUTH', `cannot ${doing} in ${store}: ${why}`, { hint });
  }
  if (AUTH.has(code)) {
    return new LcomsError('LCOMS_E_STORE_AUTH', `${store} refused the credentials (cannot ${doing}): ${why}`);
  }
  if (code === 'NoSuchBucket') {
    return new LcomsError('LCOMS_E_STORE', `cannot ${doing}: ${store} has no such bucket any more`);
  }
  const network = /^E[A-Z_]+$/.test(code) || code === TIMED_OUT;
  return network
    ? new LcomsError('LCOMS_E_STORE', `cannot reach the object store at ${endpoint} (cannot ${doing}): ${why}`)
    : new LcomsError('LCOMS_E_STORE', `cannot ${doing} in ${store}: ${why}`);
}
