import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A SeaweedFS server on the loopback interface, with data of its own. */
export interface Seaweed {
  /** e.g. `http://127.0.0.1:40123`. */
  endpoint: string;
  /** For `openStore`: keys that may do everything. */
  env: { LCOMS_S3_ACCESS_KEY: string; LCOMS_S3_SECRET_KEY: string };
  /** Id of its process. */
  pid(): number;
  /** Kills it, if it lives, and starts it again on its data and at its address. */
  restart(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Distinct free ports, all held until the last is found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Starts `weed server` in a temporary folder and waits until S3 answers. */
export async function startSeaweed(weed: string): Promise<Seaweed> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-weed-'));
  const [accessKey, secretKey] = ['test-access-key-4711', 'test-secret-key-0815'];
  await mkdir(path.join(folder, 'data'));
  const credentials = [{ accessKey, secretKey }];
  const identities = [{ name: 'lcoms', credentials, actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'] }];
  await writeFile(path.join(folder, 's3.json'), JSON.stringify({ identities }));
  const ports = await freePorts(8);
  const [s3] = ports;
  const named = ['s3.port', 's3.port.grpc', 'master.port', 'master.port.grpc', 'volume.port', 'volume.port.grpc'];
  const log = path.join(folder, 'weed.log');
  const args = [
    'server',
    '-ip=127.0.0.1',
    '-ip.bind=127.0.0.1',
    `-dir=${folder}/data`,
    '-master.volumeSizeLimitMB=64',
    '-master.telemetry=false',
    '-volume.max=50',
    '-filer',
    '-s3',
    `-s3.config=${folder}/s3.json`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    ...[...named, 'filer.port', 'filer.port.grpc'].map((name, i) => `-${name}=${ports[i]}`),
  ];
  const run = (): ChildProcess => {
    const fd = openSync(log, 'a');
    const started = spawn(weed, args, { cwd: folder, stdio: ['ignore', fd, fd] });
    closeSync(fd);
    return started;
  };
  let child = run();
  // A test process that dies must not leave its server behind.
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  const stop = async () => {
    await end(child);
    process.off('exit', killChild);
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${s3}`;
  const healthy = async (): Promise<void> => {
    for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
      const answer = await fetch(`${endpoint}/healthz`).catch(() => null);
      if (answer?.ok) return;
      await sleep(50);
    }
    const tail = readFileSync(log, 'utf8').slice(-2000);
    await stop();
    throw new Error(`weed did not come up: ${tail}`);
  };
  await healthy();
  return {
    endpoint,
    env: { LCOMS_S3_ACCESS_KEY: accessKey, LCOMS_S3_SECRET_KEY: secretKey },
    pid: () => child.pid as number,
    restart: async () => {
      await end(child);
      child = run();
      await healthy();
    },
    stop,
  };
}
