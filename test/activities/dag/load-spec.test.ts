import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../activities/dag/load-spec.js';
import { LcomsError } from '../../../schemas/errors.js';

const minimal = 'apiVersion: 1\nname: tiny\n';

function failure(text: string, overrides: string[] = []): LcomsError {
  try {
    parseSpec(text, 'spec.yaml', overrides);
  } catch (error) {
    if (error instanceof LcomsError) return error;
    throw error;
  }
  throw new Error('the spec was accepted');
}

describe('parseSpec', () => {
  it('fills in defaults', () => {
    const spec = parseSpec(minimal, 'spec.yaml');
    expect(spec.seed).toBe(0);
    expect(spec.compounds).toBe('binary-26');
    expect(spec.encoder.use).toBe('encoder/cdvae');
  });

  it('names file and line of broken YAML', () => {
    const error = failure('apiVersion: 1\nname: [tiny\n');
    expect(error.code).toBe('LCOMS_E_SPEC');
    expect(error.where).toMatch(/^spec\.yaml:\d+$/);
  });

  it('names line, path and valid values of a wrong value', () => {
    const error = failure(`${minimal}seed: 1\ntries: many\n`);
    expect(error.where).toBe('spec.yaml:4 -> tries');
    const plugin = failure(`${minimal}encoder:\n  use: cdvae\n`);
    expect(plugin.where).toBe('spec.yaml:4 -> encoder.use');
    expect(plugin.message).toContain('kind/name');
  });

  it('lists the keys when one is unknown', () => {
    const error = failure(`${minimal}optimiser: {use: optimizer/pso}\n`);
    expect(error.message).toContain('"optimiser"');
    expect(error.message).toContain('optimizer');
  });

  it('never lets a spec name code', () => {
    for (const use of ['./evil.ts', 'encoder/../../evil', 'file:///tmp/evil.js', 'encoder/cdvae;rm']) {
      expect(failure(`${minimal}encoder: {use: ${JSON.stringify(use)}}\n`).code).toBe('LCOMS_E_SPEC');
    }
  });

  it('applies overrides with YAML values, and makes missing mappings', () => {
    const spec = parseSpec(minimal, 'spec.yaml', ['surrogate.with.tau=0.5', 'compounds=[MgO, NaCl]', 'seed=7']);
    expect(spec.surrogate.with.tau).toBe(0.5);
    expect(spec.compounds).toEqual(['MgO', 'NaCl']);
    expect(spec.seed).toBe(7);
  });

  it('refuses overrides that say nothing', () => {
    expect(failure(minimal, ['seed']).code).toBe('LCOMS_E_USAGE');
    expect(failure(minimal, ['seed=[1']).code).toBe('LCOMS_E_USAGE');
    expect(failure(minimal, ['name.first=x']).code).toBe('LCOMS_E_USAGE');
  });
});
