import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { loadSpec } from '../../../activities/dag/load-spec.js';
import { nodeIdentity, nodeKey } from '../../../activities/dag/node-key.js';
import { planNodes } from '../../../activities/dag/plan-run.js';
import { loadRegistry } from '../../../plugins/config.js';
import type { PlannedNode } from '../../../schemas/node.js';

const folder = mkdtempSync(path.join(tmpdir(), 'lcoms-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);
const spec = at('spec.yaml');
beforeEach(() => {
  writeFileSync(spec, 'apiVersion: 1\nname: files\ncompounds: [MgO]\n');
  writeFileSync(at('a.jsonl'), '1\n');
  writeFileSync(at('b.jsonl'), '2\n');
});

async function dataNode(also?: string | string[]): Promise<PlannedNode> {
  const sets = also === undefined ? [] : [`data.with.also=${JSON.stringify(also)}`];
  const registry = await loadRegistry(folder);
  const nodes = await planNodes(loadSpec(spec, sets).spec, registry, spec, null);
  const found = nodes.find(({ step }) => step === 'prepare-data');
  if (!found) throw new Error('no data node');
  return found;
}
const keyOf = (node: PlannedNode): string => nodeKey(nodeIdentity(node, {}));

it('every file of a list travels with the node, and counts by content and order, not by place', async () => {
  const both = await dataNode(['a.jsonl', 'b.jsonl']);
  expect(Object.keys(both.files)).toEqual(['file', 'also.0', 'also.1']);
  const key = keyOf(both);
  expect(keyOf(await dataNode(['b.jsonl', 'a.jsonl']))).not.toBe(key);
  expect(keyOf(await dataNode('a.jsonl'))).not.toBe(key);
  expect(keyOf(await dataNode('a.jsonl'))).toBe(keyOf(await dataNode(['a.jsonl'])));
  renameSync(at('b.jsonl'), at('c.jsonl'));
  expect(keyOf(await dataNode(['a.jsonl', 'c.jsonl']))).toBe(key);
  writeFileSync(at('c.jsonl'), '3\n');
  expect(keyOf(await dataNode(['a.jsonl', 'c.jsonl']))).not.toBe(key);
});

it('without such a list a node has the options that it had before there were any', async () => {
  const { files, plugin } = await dataNode();
  expect(Object.keys(files)).toEqual(['file']);
  expect(plugin).toMatchObject({ cacheVersion: 1, options: {} });
  expect(Object.keys(plugin?.options ?? { also: 0 })).toEqual([]);
});

it('names the file of a list that is not there', async () => {
  await expect(dataNode(['a.jsonl', 'nowhere.jsonl'])).rejects.toMatchObject({
    code: 'LCOMS_E_FILE',
    where: 'nowhere.jsonl -> data.with.also.1',
  });
});
