import { expect, test } from 'vitest';
import { ERROR_CATALOGUE } from '../../schemas/errors.js';
import type { WorkflowNode } from '../../schemas/node.js';
import type { NodeRecord } from '../../schemas/run.js';
import type { ExperimentInput } from '../../workflows/contract.js';

const LIMIT = 100_000;
const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** 200 nodes as a pipeline over many compounds makes them. */
function nodes(): WorkflowNode[] {
  const steps = ['start-structures', 'encode', 'optimize', 'decode', 'score'] as const;
  const shared: WorkflowNode[] = [
    { id: 'data', step: 'prepare-data', queue: 'io', needs: {} },
    { id: 'encoder', step: 'train-encoder', queue: 'cpu', needs: { data: 'data' } },
    { id: 'latents', step: 'encode-data', queue: 'cpu', needs: { data: 'data', encoder: 'encoder' } },
    { id: 'surrogate', step: 'train-surrogate', queue: 'cpu', needs: { latents: 'latents' } },
  ];
  const compounds = Array.from({ length: 39 }, (_, i) => `Ca${i}Ti${i}O${3 * i}`);
  const fanned = compounds.flatMap((compound) =>
    steps.map((step, i) => ({
      id: `${step}/${compound}`,
      step,
      queue: step === 'score' ? ('score' as const) : ('cpu' as const),
      needs:
        i === 0
          ? { data: 'data' }
          : { previous: `${steps[i - 1]}/${compound}`, surrogate: 'surrogate', encoder: 'encoder' },
    })),
  );
  const report: WorkflowNode = {
    id: 'report',
    step: 'report',
    queue: 'io',
    needs: { scores: compounds.map((c) => `score/${c}`) },
  };
  return [...shared, ...fanned, report];
}

test('the argument and the largest status record of 200 nodes stay under 100 KB', () => {
  const all = nodes();
  expect(all).toHaveLength(200);
  const input: ExperimentInput = { runId: 'table-1-20260101-abcdef', prefix: 'lcoms-0123456789', nodes: all };
  expect(size(input)).toBeLessThan(LIMIT);
  const digest = 'a'.repeat(64);
  const done = all.map(
    ({ id, step }): NodeRecord => ({
      id,
      step,
      state: 'succeeded',
      key: digest,
      attempt: 1,
      seconds: 12.345678,
      artifact: { digest, bytes: 123_456_789 },
      error: null,
    }),
  );
  expect(
    size({ runId: input.runId, state: 'running', startedAt: '2026-01-01T00:00:00.000Z', nodes: done, error: null }),
  ).toBeLessThan(LIMIT);
});

test('every retryable code of the catalogue is one that another attempt can help', () => {
  const retryable = Object.entries(ERROR_CATALOGUE).flatMap(([code, { retryable }]) => (retryable ? [code] : []));
  expect(retryable.toSorted()).toEqual([
    'LCOMS_E_ARTIFACT_MISSING',
    'LCOMS_E_COMPUTE_DIED',
    'LCOMS_E_INTERNAL',
    'LCOMS_E_NO_WORKER',
    'LCOMS_E_STORE',
    'LCOMS_E_SUPERSEDED',
    'LCOMS_E_TEMPORAL',
  ]);
});
