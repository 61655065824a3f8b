import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { workflowId } from '../../infra/temporal/client.js';
import { spawnWorker } from '../../infra/worker/spawn.js';
import { PACKAGE_ROOT } from '../../lib/package-root.js';
import { emptyFolder } from '../cli/lcoms.js';
import { hasServer, node, quick, Rig, until } from '../infra/temporal/rig.js';

/** The workflow with one more step behind patched(), and with the same step and no patched(). */
const NEXT = path.join(PACKAGE_ROOT, 'test', 'fixtures', 'workflows-next', 'index.ts');

describe.skipIf(!hasServer)('a long run', () => {
  const bundle = path.join(emptyFolder(), 'next.js');
  let rig: Rig;
  beforeAll(async () => {
    const { code } = await bundleWorkflowCode({ workflowsPath: NEXT, logger: new DefaultLogger('ERROR') });
    writeFileSync(bundle, code);
  }, 120_000);
  afterEach(() => rig.close());

  /** Steps behind patched() that a run took, and the builds of the workers that carried it. */
  async function told(runId: string): Promise<{ patches: number; builds: string[] }> {
    const connection = await Connection.connect({ address: rig.temporal.address });
    try {
      const { events } = await new Client({ connection }).workflow.getHandle(workflowId(runId)).fetchHistory();
      const builds = (events ?? []).flatMap((event) => {
        const completed = event.workflowTaskCompletedEventAttributes;
        return completed?.deploymentVersion?.buildId ?? completed?.workerVersion?.buildId ?? [];
      });
      const patches = (events ?? []).filter(
        (event) => event.markerRecordedEventAttributes?.markerName === 'core_patch',
      );
      return { patches: patches.length, builds: [...new Set(builds)] };
    } finally {
      await connection.close();
    }
  }

  test('that began with the workers of today goes on with those of a later version', async () => {
    rig = await Rig.start();
    const old = await rig.worker();
    rig.behave('long', { steps: 1_000, stepMs: 50 });
    await rig.client.start('old', [node('long', {}, 'cpu'), node('next', { x: 'long' })], { timeouts: quick });
    await until(() => rig.events('long').length > 0, 'the node');
    process.kill(old.pid, 'SIGKILL');
    await old.exited;
    rig.behave('long', { steps: 2 });
    rig.workers.push(await spawnWorker({ ...rig.config(), bundle }, { env: rig.env() }));
    expect((await rig.client.result('old')).state).toBe('succeeded');
    expect((await rig.status('old')).nodes.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['succeeded', 2],
      ['succeeded', 1],
    ]);
    // A run that begins with them has the step.
    await rig.client.start('new', [node('alone')], { timeouts: quick });
    expect((await rig.client.result('new')).state).toBe('succeeded');
    const later = await told('new');
    expect(later).toEqual({ patches: 1, builds: [expect.any(String)] });
    const earlier = await told('old');
    expect(earlier.patches).toBe(0);
    expect(earlier.builds).toEqual([expect.any(String), ...later.builds]);
  }, 180_000);
});
