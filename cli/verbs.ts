import type { Verb } from './verb.js';

type Module = { verb: Verb };

/** Loaded when they are called: help and listings need no server code. */
const VERBS: Readonly<Record<string, () => Promise<Module>>> = {
  run: () => import('./run.js'),
  sweep: () => import('./sweep.js'),
  plan: () => import('./plan.js'),
  resume: () => import('./resume.js'),
  pause: () => import('./pause.js'),
  cancel: () => import('./cancel.js'),
  retry: () => import('./retry.js'),
  fork: () => import('./fork.js'),
  ls: () => import('./ls.js'),
  show: () => import('./show.js'),
  watch: () => import('./watch-verb.js'),
  logs: () => import('./logs.js'),
  diff: () => import('./diff.js'),
  best: () => import('./best.js'),
  export: () => import('./export.js'),
  lineage: () => import('./lineage.js'),
  reproduce: () => import('./reproduce.js'),
  'cache ls': () => import('./cache-ls.js'),
  'cache explain': () => import('./cache-explain.js'),
  'cache invalidate': () => import('./cache-invalidate.js'),
  gc: () => import('./gc.js'),
  encode: () => import('./encode.js'),
  decode: () => import('./decode.js'),
  reconstruct: () => import('./reconstruct.js'),
  'model show': () => import('./model-show.js'),
  'model export': () => import('./model-export.js'),
  'plugins ls': () => import('./plugins-ls.js'),
  'plugins show': () => import('./plugins-show.js'),
  'plugins check': () => import('./plugins-check.js'),
  'plugins new': () => import('./plugins-new.js'),
  'data simulate': () => import('./data-simulate.js'),
  'data score': () => import('./data-score.js'),
  'data perturb': () => import('./data-perturb.js'),
  predict: () => import('./predict.js'),
  score: () => import('./score.js'),
  relax: () => import('./relax.js'),
  match: () => import('./match.js'),
  symmetry: () => import('./symmetry.js'),
  doctor: () => import('./doctor.js'),
  worker: () => import('./worker.js'),
};

export const VERB_NAMES: readonly string[] = Object.keys(VERBS);

export async function loadVerb(name: string): Promise<Verb> {
  const load = VERBS[name] as () => Promise<Module>;
  return (await load()).verb;
}

export async function loadVerbs(): Promise<Map<string, Verb>> {
  const verbs = await Promise.all(VERB_NAMES.map(async (name) => [name, await loadVerb(name)] as const));
  return new Map(verbs);
}
