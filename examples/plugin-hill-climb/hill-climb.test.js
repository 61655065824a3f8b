import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPlugin } from 'lcoms/testing';
import hillClimb from './hill-climb.js';

test('keeps the contract', async () => {
  const results = await checkPlugin(hillClimb);
  assert.deepEqual(
    results.filter(({ ok }) => !ok),
    [],
  );
});
