import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findTemporalCli, findWeed } from '../../infra/tools/index.js';
import { ROOT } from '../cli/lcoms.js';

const usable = (await findWeed()) !== null && (await findTemporalCli()) !== null && process.platform === 'linux';

interface Row {
  victim: string;
  when: string;
  by: string;
  equal: boolean;
  different: string[];
}

test.skipIf(!usable)(
  'ten kills, in every phase and of every process, cost no byte of any result',
  async () => {
    const script = path.join(ROOT, 'bench', 'kill-matrix.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--kills', '10', '--seed', '1', '--json']);
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(rows).toHaveLength(10);
    expect(rows.filter(({ equal }) => !equal)).toEqual([]);
    expect(new Set(rows.map(({ victim }) => victim))).toEqual(new Set(['compute', 'worker', 'temporal', 's3', 'all']));
  },
  900_000,
);
