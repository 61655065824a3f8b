import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { workflowBundle } from '../../infra/paths.js';
import { PACKAGE_ROOT } from '../../lib/package-root.js';

const folder = path.join(PACKAGE_ROOT, 'test', 'histories');
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'));

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

// As record.mjs: the form that the SDK itself reads needs another protobufjs than it brings.
const proto = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'))('@temporalio/proto') as {
  temporal: { api: { history: { v1: { History: { fromObject(json: unknown): object } } } } };
};
const parse = (json: string): object => proto.temporal.api.history.v1.History.fromObject(JSON.parse(json));

const code = existsSync(workflowBundle)
  ? { workflowBundle: { codePath: workflowBundle } }
  : { workflowsPath: path.join(PACKAGE_ROOT, 'workflows', 'index.ts') };

describe('the workflow of today', () => {
  test('has histories to replay', () => expect(histories.length).toBeGreaterThanOrEqual(5));

  test.each(histories)('still does what it did in %s', async (name) => {
    await Worker.runReplayHistory(code, parse(readFileSync(path.join(folder, name), 'utf8')));
  });

  test('is told from one that does something else', async () => {
    const name = histories.find((file) => file.includes('succeeded')) ?? '';
    const changed = readFileSync(path.join(folder, name), 'utf8').replaceAll(
      '"activityId": "data"',
      '"activityId": "x"',
    );
    await expect(Worker.runReplayHistory(code, parse(changed))).rejects.toThrow(/nondeterminism/i);
  });
});
