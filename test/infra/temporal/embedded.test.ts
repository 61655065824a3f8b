import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distFolder } from '../../../infra/paths.js';
import { connectTemporal } from '../../../infra/temporal/embedded.js';
import type { ServerProcess } from '../../../infra/temporal/server-process.js';
import { withCredentials } from '../../../lib/temporal/address.js';
import { env, hasServer, isAlive } from './rig.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-embedded-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

const server = (): ServerProcess => JSON.parse(readFileSync(path.join(home, 'temporal', 'server.json'), 'utf8'));

describe.skipIf(!hasServer)('the embedded server', () => {
  test('is shared by all users of a home and stopped by the last', async () => {
    const first = await connectTemporal({ home, env });
    const second = await connectTemporal({ home, env });
    expect(second.address).toBe(first.address);
    const { pid } = server();
    await first.close();
    expect(isAlive(pid)).toBe(true);
    await second.close();
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(path.join(home, 'temporal', 'users'))).toEqual([]);
  });

  test('is one server when processes start at once, and forgets users that were killed', async () => {
    const script = `
      import { connectTemporal } from ${JSON.stringify(path.join(distFolder, 'infra', 'temporal', 'embedded.js'))};
      const { address } = await connectTemporal({ home: ${JSON.stringify(home)} });
      process.stdout.write(address);
      process.kill(process.pid, 'SIGKILL');`;
    const start = async (): Promise<string> => {
      const died = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env }).catch(
        (e) => e,
      );
      return (died as { stdout: string }).stdout;
    };
    const [a, b] = await Promise.all([start(), start()]);
    expect(a).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(b).toBe(a);
    expect(readdirSync(path.join(home, 'temporal', 'users'))).toHaveLength(2);
    const { pid } = server();
    const last = await connectTemporal({ home, env });
    expect(last.address).toBe(a);
    await last.close();
    expect(isAlive(pid)).toBe(false);
  });

  test('comes back at the same address after it was killed', async () => {
    const connection = await connectTemporal({ home, env });
    const { pid, port } = server();
    process.kill(pid, 'SIGKILL');
    await connection.ensure();
    expect(server()).toMatchObject({ port });
    expect(server().pid).not.toBe(pid);
    await connection.close();
    expect(isAlive(server().pid)).toBe(false);
  });

  test('a state file that belongs to a stranger process is not trusted', async () => {
    const connection = await connectTemporal({ home, env });
    await connection.close();
    writeFileSync(
      path.join(home, 'temporal', 'server.json'),
      JSON.stringify({ pid: process.pid, started: 'long ago', port: 1 }),
    );
    const again = await connectTemporal({ home, env });
    expect(server().pid).not.toBe(process.pid);
    await again.close();
  });
});

describe('errors', () => {
  test('a TEMPORAL_ADDRESS where nobody answers is named', async () => {
    await expect(connectTemporal({ home, env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } })).rejects.toMatchObject({
      code: 'LCOMS_E_TEMPORAL',
      message: expect.stringContaining('127.0.0.1:1'),
    });
    expect(existsSync(path.join(home, 'temporal'))).toBe(false);
  });

  test('a missing binary names the ways out and leaves no user behind', async () => {
    const nowhere = { PATH: '', LCOMS_TOOL_CACHE: path.join(home, 'cache') };
    await expect(connectTemporal({ home, env: nowhere })).rejects.toMatchObject({
      code: 'LCOMS_E_TOOL_MISSING',
      hint: expect.stringContaining('npm run setup'),
    });
    expect(readdirSync(path.join(home, 'temporal', 'users'))).toEqual([]);
  });

  test('a server that does not start shows the end of its log', async () => {
    const broken = path.join(home, 'temporal-broken');
    writeFileSync(broken, '#!/bin/sh\necho no such flag >&2\nexit 3\n', { mode: 0o755 });
    await expect(connectTemporal({ home, env: { TEMPORAL_CLI_PATH: broken } })).rejects.toMatchObject({
      code: 'LCOMS_E_TEMPORAL',
      message: expect.stringMatching(/exit code 3.*no such flag/s),
    });
  });

  test('credentials go only to the server that TEMPORAL_ADDRESS names', () => {
    const named = { TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'secret' };
    expect(withCredentials('cloud:7233', 'mine', named)).toEqual({
      address: 'cloud:7233',
      namespace: 'mine',
      tls: true,
      apiKey: 'secret',
    });
    expect(withCredentials('127.0.0.1:7000', 'default', named)).toEqual({
      address: '127.0.0.1:7000',
      namespace: 'default',
    });
  });
});
