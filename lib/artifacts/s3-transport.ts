import http from 'node:http';
import https from 'node:https';
import type { ClientOptions } from 'minio';

/** What an idle connection is ended with. */
export const TIMED_OUT = 'LCOMS_TIMED_OUT';

/**
 * The transport of the minio client with a limit on silence: a connection on which nothing moves for `timeoutMs`
 * (while connecting, sending or receiving) is ended with an error whose `code` is TIMED_OUT. A slow large object is
 * not cut off as long as it moves.
 */
export function s3Transport(secure: boolean, timeoutMs: number): NonNullable<ClientOptions['transport']> {
  const request = (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void) => {
    const sent = (secure ? https : http).request({ ...options, timeout: timeoutMs }, (response) => {
      // minio-js drops the bodies of the statuses that it would retry: unread, they would hold their sockets.
      if (response.statusCode === 408 || response.statusCode === 429 || (response.statusCode ?? 0) >= 499) {
        response.resume();
      }
      onResponse(response);
    });
    sent.on('timeout', () => {
      sent.destroy(Object.assign(new Error(`nothing moved for ${timeoutMs} ms`), { code: TIMED_OUT }));
    });
    return sent;
  };
  return { request: request as typeof http.request };
}

/** Keeps connections open between calls; at most 32 at once, so that a burst queues here instead of at the server. */
export function s3Agent(secure: boolean): http.Agent {
  const options = { keepAlive: true, maxSockets: 32 };
  return secure ? new https.Agent(options) : new http.Agent(options);
}
