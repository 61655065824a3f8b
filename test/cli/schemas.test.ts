/* eslint-disable @typescript-eslint/no-explicit-any -- JSON Schemas are looked into by path */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

test('schemas/json is what the compiled schemas say', () => {
  execFileSync(process.execPath, ['infra/export-schemas.mjs', '--check'], { cwd: root, stdio: 'pipe' });
});

test('the experiment schema offers plugins and their options to editors', () => {
  const schema = JSON.parse(readFileSync(path.join(root, 'schemas', 'json', 'experiment.schema.json'), 'utf8'));
  expect(schema.required).toEqual(['apiVersion', 'name']);
  const { use } = schema.properties.surrogate.properties;
  expect(use.anyOf[0].enum).toContain('surrogate/com');
  const com = schema.properties.surrogate.allOf.find((rule: any) =>
    new RegExp(rule.if.properties.use.pattern).test('surrogate/com@^1'),
  );
  expect(com.then.properties.with.properties.tau.description).not.toBe('');
  expect(com.then.properties.with.additionalProperties).toBe(false);
  expect(schema.properties.steps.properties['prepare-data'].properties.onBadRow.enum).toEqual(['fail', 'skip']);
  for (const [name, property] of Object.entries<any>(schema.properties)) {
    if (!['name', 'description', 'pipeline'].includes(name)) expect(property.description, name).toBeTruthy();
  }
});
