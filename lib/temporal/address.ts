import { readFileSync } from 'node:fs';
import type { TLSConfig } from '@temporalio/client';
import { LcomsError } from '../../schemas/errors.js';

/** How to reach a Temporal server: for clients and workers alike. */
export interface TemporalAddress {
  /** host:port */
  address: string;
  namespace: string;
  tls?: TLSConfig | true;
  apiKey?: string;
}

/**
 * The server that the environment names, or null when TEMPORAL_ADDRESS is not set. Read:
 * TEMPORAL_ADDRESS (host:port), TEMPORAL_NAMESPACE (default `default`), TEMPORAL_API_KEY (implies TLS),
 * TEMPORAL_TLS (1 or true: TLS with the system's authorities), TEMPORAL_TLS_SERVER_CA_CERT_PATH,
 * TEMPORAL_TLS_CLIENT_CERT_PATH with TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_TLS_SERVER_NAME.
 * Throws LCOMS_E_FILE for a certificate that can't be read.
 */
export function temporalAddress(env: NodeJS.ProcessEnv): TemporalAddress | null {
  const address = env['TEMPORAL_ADDRESS'];
  if (!address) return null;
  const tls = tlsConfig(env);
  const apiKey = env['TEMPORAL_API_KEY'];
  return {
    address,
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey ? { apiKey } : {}),
  };
}

/**
 * The address with the credentials of the environment when it is the one that TEMPORAL_ADDRESS names, plain otherwise:
 * the embedded server knows no TLS and must see no key.
 */
export function withCredentials(address: string, namespace: string, env: NodeJS.ProcessEnv): TemporalAddress {
  const named = env['TEMPORAL_ADDRESS'] === address ? temporalAddress(env) : null;
  return { ...named, address, namespace };
}

/**
 * The environment of a process that is to use this server: TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE name it, and the
 * credentials stay only when they are its own (see withCredentials).
 */
export function addressEnvironment(address: string, namespace: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = env['TEMPORAL_ADDRESS'] === address;
  const kept = Object.entries(env).filter(([name]) => own || !/^TEMPORAL_(API_KEY$|TLS)/.test(name));
  return { ...Object.fromEntries(kept), TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

function tlsConfig(env: NodeJS.ProcessEnv): TLSConfig | true | undefined {
  const authority = read('TEMPORAL_TLS_SERVER_CA_CERT_PATH', env);
  const crt = read('TEMPORAL_TLS_CLIENT_CERT_PATH', env);
  const key = read('TEMPORAL_TLS_CLIENT_KEY_PATH', env);
  const serverName = env['TEMPORAL_TLS_SERVER_NAME'];
  if (authority || crt || serverName) {
    return {
      ...(authority ? { serverRootCACertificate: authority } : {}),
      ...(crt && key ? { clientCertPair: { crt, key } } : {}),
      ...(serverName ? { serverNameOverride: serverName } : {}),
    };
  }
  const wanted = ['1', 'true'].includes((env['TEMPORAL_TLS'] ?? '').toLowerCase());
  return wanted || env['TEMPORAL_API_KEY'] ? true : undefined;
}

function read(variable: string, env: NodeJS.ProcessEnv): Buffer | undefined {
  const file = env[variable];
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new LcomsError('LCOMS_E_FILE', `${variable} names a file that can't be read: ${file}`, { file, cause });
  }
}
