import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Crystal } from '../../schemas/crystal.js';
import type { PluginContext } from '../contract/context.js';
import type { Plugin, PluginInstances } from '../contract/define-plugin.js';
import type { StructureSurrogate, Surrogate } from '../contract/surrogate.js';
import { checkDataset } from './check-dataset.js';
import { checkEncoder } from './check-encoder.js';
import { checkOptimizer } from './check-optimizer.js';
import { checkOptions } from './check-options.js';
import { checkScorer } from './check-scorer.js';
import { checkStructureSurrogate } from './check-structure-surrogate.js';
import { checkSurrogate } from './check-surrogate.js';
import { type CheckResult, Checks, demand } from './checks.js';
import { type TestContextOptions, testContext } from './test-context.js';

export interface CheckOptions {
  /**
   * Options of the plugin, as a spec's `with`. Give ones that train in a second and save checkpoints often: the checks
   * train about six times, on a dozen crystals or a few dozen latents.
   */
  with?: Record<string, unknown>;
  fixtures?: {
    /** Crystals for scorers, encoders and surrogates over crystals instead of the kit's own twelve. */
    crystals?: Crystal[];
  };
}

/**
 * Checks a plugin against the contract, as its kind demands: valid manifest, strict options, same seed same bytes,
 * resume as if uninterrupted, cancel within a second, inputs left alone, finite outputs, and the laws of the kind
 * (invariances, gradients, bounds, states). Never throws for what the plugin does: each finding is in its result.
 */
export async function checkPlugin(plugin: Plugin, options: CheckOptions = {}): Promise<CheckResult[]> {
  const checks = new Checks();
  const parsed = await checkOptions(checks, plugin, options.with);
  if (!parsed) return checks.results;
  const tmpDir = await mkdtemp(path.join(tmpdir(), 'lcoms-check-'));
  try {
    const device = plugin.capabilities.tensors === true ? await startBackend() : null;
    const files = plugin.files?.(parsed) ?? {};
    const create = (context: TestContextOptions) =>
      plugin.create(parsed, testContext({ device, files, tmpDir, ...context }));
    await checkKind(checks, plugin, create, parsed, options.fixtures?.crystals);
  } finally {
    await rm(tmpDir, { recursive: true, force: true });
  }
  return checks.results;
}

type Instance = PluginInstances[keyof PluginInstances];

async function checkKind(
  checks: Checks,
  plugin: Plugin,
  create: (context: TestContextOptions) => Instance | Promise<Instance>,
  parsed: Record<string, unknown>,
  crystals: Crystal[] | undefined,
): Promise<void> {
  const of = <K extends keyof PluginInstances>() => create as (c: TestContextOptions) => Promise<PluginInstances[K]>;
  switch (plugin.kind) {
    case 'dataset':
      return checkDataset(checks, of<'dataset'>());
    case 'encoder':
      return checkEncoder(checks, of<'encoder'>(), crystals);
    case 'surrogate':
      return checkAnySurrogate(checks, plugin, of<'surrogate'>(), crystals);
    case 'optimizer':
      return checkOptimizer(checks, of<'optimizer'>(), plugin.capabilities, parsed['budget'] as number | undefined);
    case 'scorer':
      return checkScorer(checks, of<'scorer'>(), crystals);
  }
}

/** By what the plugin says that it predicts from; what it makes must say the same. */
async function checkAnySurrogate(
  checks: Checks,
  { capabilities }: Plugin,
  create: (context: TestContextOptions) => Promise<PluginInstances['surrogate']>,
  crystals: Crystal[] | undefined,
): Promise<void> {
  const { input = 'latent' } = capabilities;
  const made = await checks.run('the plugin says what it predicts from', async () => {
    const found = (await create({})).input ?? 'latent';
    demand(found === input, `capabilities.input is ${input}, that of what it makes is ${found}`);
    return found;
  });
  if (made === 'structure')
    await checkStructureSurrogate(checks, create as (c: TestContextOptions) => Promise<StructureSurrogate>, crystals);
  if (made === 'latent') await checkSurrogate(checks, create as (c: TestContextOptions) => Promise<Surrogate>);
}

async function startBackend(): Promise<PluginContext['device']> {
  // Imported on demand: most plugins need no tensors, and the library takes most of a second to load.
  const { initBackend } = await import('../../lib/tensor/backend.js');
  const { name, version, threads } = await initBackend();
  return { backend: `${name} ${version}`, threads };
}
