// Stands in for activities/execute-node.js: does what <LCOMS_FAKE>/<run>.<node>.json or <node>.json says, and tells in
// events.jsonl.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = process.env.LCOMS_FAKE;

class LcomsError extends Error {
  name = 'LcomsError';
  hint = 'Mend it.';
  where = 'spec.yaml -> data';
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export async function executeNode(task, { signal, attempt, tick, log }) {
  const tell = (event) =>
    appendFileSync(
      path.join(folder, 'events.jsonl'),
      `${JSON.stringify({ run: task.runId, node: task.nodeId, event, attempt, pid: process.pid, inputs: task.inputs, time: Date.now() })}\n`,
    );
  const own = path.join(folder, `${task.runId}.${task.nodeId}.json`);
  const file = existsSync(own) ? own : path.join(folder, `${task.nodeId}.json`);
  const plan = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  tell('start');
  log(`working on ${task.nodeId}`);
  if (attempt <= (plan.badAttempts ?? 0)) {
    if (plan.bad === 'hang') for (;;) Math.sqrt(2);
    if (plan.bad === 'die') {
      process.stderr.write('the last words\n');
      process.exit(7);
    }
    if (plan.bad === 'defect') throw new TypeError('not a function');
    throw new LcomsError(plan.bad, plan.message ?? `failed on purpose (${plan.bad})`);
  }
  const steps = plan.steps ?? 1;
  for (let done = 1; done <= steps; done++) {
    await sleep(plan.stepMs ?? 20);
    tick({ done, total: steps, unit: 'steps' });
    if (signal.aborted) {
      tell('aborted');
      throw new Error('aborted');
    }
  }
  tell('end');
  const digest = createHash('sha256').update(task.nodeId).digest('hex');
  const artifact = { digest, bytes: 1 };
  return { id: task.nodeId, key: digest, cached: plan.cached ?? false, artifact, seconds: 0.02 * steps, attempt };
}
