import type { PipelineNode } from '../../schemas/experiment.js';

/**
 * The pipeline of a spec that gives only plugins:
 * data -> encoder -> latents -> surrogate -> [per compound: start -> encode -> optimize -> decode -> score] -> report.
 */
export const DEFAULT_PIPELINE: readonly PipelineNode[] = [
  { id: 'data', step: 'prepare-data', needs: {} },
  { id: 'encoder', step: 'train-encoder', needs: { data: 'data' } },
  { id: 'latents', step: 'encode-data', needs: { data: 'data', encoder: 'encoder' } },
  { id: 'surrogate', step: 'train-surrogate', needs: { data: 'data', latents: 'latents' } },
  { id: 'known', step: 'known-structures', needs: { data: 'data' } },
  { id: 'start', step: 'start-structures', needs: { known: 'known' }, each: 'compound' },
  { id: 'baselines', step: 'baselines', needs: { data: 'data', known: 'known' }, each: 'compound' },
  { id: 'encode', step: 'encode', needs: { encoder: 'encoder', crystals: 'start' }, each: 'compound' },
  {
    id: 'optimize',
    step: 'optimize',
    needs: { surrogate: 'surrogate', latents: 'encode', reference: 'latents' },
    each: 'compound',
  },
  {
    id: 'decode',
    step: 'decode',
    needs: { encoder: 'encoder', latents: 'optimize', crystals: 'start' },
    each: 'compound',
  },
  { id: 'score', step: 'score', needs: { decoded: 'decode', starts: 'start', known: 'known' }, each: 'compound' },
  { id: 'report', step: 'report', needs: { known: 'known', scores: 'score', baselines: 'baselines' } },
];
