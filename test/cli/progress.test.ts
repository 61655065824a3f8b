import { expect, test } from 'vitest';
import { Estimator, remainingText } from '../../cli/estimate.js';
import { duration, Output, table } from '../../cli/output.js';
import { PlainView } from '../../cli/plain-view.js';
import { groupNodes, progressOf, type Snapshot } from '../../cli/progress.js';
import type { LiveNode } from '../../infra/temporal/live-nodes.js';
import type { PlannedNode } from '../../schemas/node.js';
import type { NodeRecord, NodeState } from '../../schemas/run.js';

function planned(id: string, queue: 'io' | 'cpu' | 'score'): PlannedNode {
  const base = { plugin: null, helpers: {}, options: {}, stepVersion: 1, needs: {}, files: {}, seed: '' };
  return { ...base, id, step: queue === 'cpu' ? 'train-encoder' : 'score', queue };
}

function record(id: string, state: NodeState, seconds: number | null = null): NodeRecord {
  return { id, step: 'score', state, key: null, attempt: 1, seconds, artifact: null, error: null };
}

function snapshot(nodes: NodeRecord[], live: LiveNode[] = []): Snapshot {
  return { report: { runId: 'r', state: 'running', startedAt: '', nodes, error: null }, live };
}

const live = (id: string, done: number, total: number): LiveNode => ({
  id,
  state: 'running',
  attempt: 1,
  progress: { done, total, unit: 'epochs', metrics: { loss: 0.123456 } },
  lastError: null,
});

const nodes = [planned('encoder', 'cpu'), ...['A', 'B', 'C', 'D'].map((f) => planned(`score/${f}`, 'score'))];
const groups = groupNodes(nodes);

test('a fan-out is one group, with what is cached, done and failed', () => {
  const states = [
    record('encoder', 'cached', 9),
    record('score/A', 'succeeded', 2),
    record('score/B', 'failed'),
    record('score/C', 'running'),
    record('score/D', 'queued'),
  ];
  const [encoder, score] = progressOf(groups, snapshot(states, [live('score/C', 1, 2)]));
  expect(encoder).toMatchObject({ id: 'encoder', total: 1, done: 1, cached: 1, seconds: 0 });
  expect(score).toMatchObject({ id: 'score', total: 4, done: 1, cached: 0, failed: 1, running: 1, seconds: 2 });
});

test('what is left: the rate of the running node, earlier durations for the rest, shared among cores', () => {
  const estimator = new Estimator(groups, new Map([['score', 6]]), 2);
  const states = [record('encoder', 'running'), ...'ABCD'.split('').map((f) => record(`score/${f}`, 'queued'))];
  expect(estimator.remaining(snapshot(states, [live('encoder', 10, 40)]), 100)).toEqual({
    seconds: 12,
    complete: false,
  });
  expect(estimator.remaining(snapshot(states, [live('encoder', 20, 40)]), 105)).toEqual({
    seconds: 10 + (4 * 6) / 2,
    complete: true,
  });
});

test('what a checkpoint spares is not taken for what was done since', () => {
  const estimator = new Estimator(groups.slice(0, 1), new Map(), 2);
  const states = [record('encoder', 'running')];
  const left = (done: number, now: number): number =>
    estimator.remaining(snapshot(states, [live('encoder', done, 40)]), now).seconds;
  left(0, 100);
  left(30, 101);
  expect(left(31, 111)).toBe(90);
});

test('durations of this run count before earlier ones; nothing is invented', () => {
  const done = [
    record('encoder', 'cached', 50),
    record('score/A', 'succeeded', 2),
    ...'BCD'.split('').map((f) => record(`score/${f}`, 'queued')),
  ];
  expect(new Estimator(groups, new Map([['score', 60]]), 1).remaining(snapshot(done), 1)).toEqual({
    seconds: 6,
    complete: true,
  });
  const fresh = nodes.map(({ id }) => record(id, 'queued'));
  expect(new Estimator(groups, new Map(), 1).remaining(snapshot(fresh), 1)).toEqual({ seconds: 0, complete: false });
});

test('in a pipe: one line a node that ends, progress every ten seconds, fan-outs by quarters', () => {
  const lines: string[] = [];
  const output = Object.assign(new Output(false), { say: (line: string) => lines.push(line) });
  const view = new PlainView(output, groups);
  const training = [record('encoder', 'running'), ...'ABCD'.split('').map((f) => record(`score/${f}`, 'queued'))];
  view.update(snapshot(training, [live('encoder', 1, 40)]), 0, null);
  for (let second = 1; second <= 25; second++)
    view.update(snapshot(training, [live('encoder', second, 40)]), second, { seconds: 30, complete: true });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe('[    10 s] encoder epochs 10/40  loss 0.1235, about 30 s left in all');
  const scoring = [
    record('encoder', 'succeeded', 25),
    record('score/A', 'succeeded', 1),
    record('score/B', 'cached', 1),
    record('score/C', 'failed'),
    record('score/D', 'cancelled'),
  ];
  view.update(snapshot(scoring), 26, null);
  view.update(snapshot(scoring), 27, null);
  expect(lines.slice(2)).toEqual(['[    26 s] encoder done in 25 s', '[    26 s] score failed (1 of 4)']);
});

test.each([
  [null, ''],
  [{ seconds: 0, complete: false }, ''],
  [{ seconds: 12, complete: false }, 'at least 12 s left'],
  [{ seconds: 185, complete: true }, 'about 3 min 05 s left'],
])('%j reads "%s"', (left, text) => {
  expect(remainingText(left)).toBe(text);
});

test('tables are aligned without trailing spaces, numbers to the right', () => {
  expect(
    table(
      [
        ['a', '1', 'x'],
        ['long', '10', ''],
      ],
      [1],
    ),
  ).toBe('a      1  x\nlong  10');
});

test.each([
  [0.04, '0.0 s'],
  [9.96, '10 s'],
  [59.6, '1 min 00 s'],
  [185, '3 min 05 s'],
  [7860, '2 h 11 min'],
])('%d s reads %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
