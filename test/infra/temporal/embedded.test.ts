import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distFolder } from '../../../infra/paths.js';
import { connectTemporal } from '../../../infra/temporal/embedded.js';
import type { ServerProcess } from '../../../infra/temporal/server-process.js';
import { findTemporalCli } from '../../../infra/tools/index.js';
import { withCredentials } from '../../../lib/temporal/address.js';
import { env, hasServer, isAlive } from './rig.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-embedded-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

const server = (): ServerProcess => JSON.parse(readFileSync(path.join(home, 'temporal', 'server.json'), 'utf8'));

/** Starts so many workflows, which no worker takes; returns their ids. Waits for the server. */
async function startWorkflows(address: string, name: string, count: number): Promise<string[]> {
  const connection = await Connection.connect({ address, connectTimeout: '60s' });
  const { workflow } = new Client({ connection });
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  const start = (workflowId: string) => workflow.start('none', { workflowId, taskQueue: 'none' });
  // The port is open before the namespace is there.
  while ((await start(ids[0] as string).catch(() => true)) === true) await sleep(100);
  await Promise.all(ids.slice(1).map(start));
  await connection.close();
  return ids;
}

/** Those of the workflows that the server has open. */
async function openWorkflows(address: string, ids: readonly string[]): Promise<string[]> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const open: string[] = [];
  for (const id of ids) {
    const description = await workflow
      .getHandle(id)
      .describe()
      .catch(() => null);
    if (description?.status.name === 'RUNNING') open.push(id);
  }
  await connection.close();
  return open;
}

/** How SQLite writes a database, by byte 18 of it: https://www.sqlite.org/fileformat.html. */
function journalMode(database: string): 'journal' | 'log' {
  return readFileSync(database)[18] === 2 ? 'log' : 'journal';
}

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

  test('has on the disk what it acknowledged, when it is killed at that moment', async () => {
    const connection = await connectTemporal({ home, env });
    const started = await startWorkflows(connection.address, 'before', 20);
    process.kill(server().pid, 'SIGKILL');
    await connection.ensure();
    expect(await openWorkflows(connection.address, started)).toEqual(started);
    await connection.close();
  });

  test('appends to a log, also where an earlier version had left a journal', async () => {
    const { path: binary } = (await findTemporalCli(env)) as { path: string };
    const database = path.join(home, 'temporal', 'state.db');
    mkdirSync(path.dirname(database));
    const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--db-filename', database, '--log-level'];
    const port = 20_000 + (process.pid % 10_000);
    const old = spawn(binary, [...args, 'error', '--port', String(port)], { stdio: 'ignore' });
    const started = await startWorkflows(`127.0.0.1:${port}`, 'old', 3);
    old.kill('SIGTERM');
    await once(old, 'exit');
    expect(journalMode(database)).toBe('journal');
    const connection = await connectTemporal({ home, env });
    expect(journalMode(database)).toBe('log');
    expect(await openWorkflows(connection.address, started)).toEqual(started);
    await connection.close();
  });

  test('a port that is taken at the last moment costs another start, not the run', async () => {
    const { path: binary } = (await findTemporalCli(env)) as { path: string };
    const unlucky = path.join(home, 'temporal-unlucky');
    const said = 'listen tcp 127.0.0.1:1: bind: address already in use';
    const first = `if [ "$1" = server ] && [ ! -e '${home}/tried' ]; then touch '${home}/tried'; echo '${said}' >&2; exit 1; fi`;
    writeFileSync(unlucky, `#!/bin/sh\n${first}\nexec '${binary}' "$@"\n`, { mode: 0o755 });
    const connection = await connectTemporal({ home, env: { ...env, TEMPORAL_CLI_PATH: unlucky } });
    expect(existsSync(path.join(home, 'tried'))).toBe(true);
    expect(isAlive(server().pid)).toBe(true);
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

  test('a port that is always taken is an error in the end, with what the server said', async () => {
    const starts = path.join(home, 'starts');
    const unlucky = path.join(home, 'temporal-unlucky');
    const script = `#!/bin/sh\n[ "$1" = server ] && echo x >> '${starts}'\necho 'address already in use' >&2\nexit 1\n`;
    writeFileSync(unlucky, script, { mode: 0o755 });
    await expect(connectTemporal({ home, env: { TEMPORAL_CLI_PATH: unlucky } })).rejects.toMatchObject({
      code: 'LCOMS_E_TEMPORAL',
      message: expect.stringMatching(/exit code 1.*address already in use/s),
    });
    expect(readFileSync(starts, 'utf8').trim().split('\n')).toHaveLength(5);
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
