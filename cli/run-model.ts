import { readPlan, readStatus } from '../activities/run-files.js';
import type { DatasetInfo, PreparedCrystal } from '../activities/steps/dataset-artifact.js';
import { type ModelFiles, modelFile, REFERENCE_FILE, writeReference } from '../lib/model/model-files.js';
import { readSafetensors } from '../lib/tensor/safetensors.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { ModelFile, ModelFileRole, ModelInfo } from '../schemas/model.js';
import type { PlannedNode } from '../schemas/node.js';
import type { RunPlan, RunStatus } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** The nodes of a run that make its model; the surrogate and the latents may not be part of its pipeline. */
interface ModelNodes {
  data: PlannedNode;
  encoder: PlannedNode;
  latents: PlannedNode | null;
  surrogate: PlannedNode | null;
}

/**
 * The model that a run of this home trained: its encoder, the surrogate on that encoder's latents, and a sample of them.
 * @throws LcomsError LCOMS_E_NOT_FOUND when the run trains no encoder, or part of the model is not made yet
 */
export async function modelOfRun({ store }: Workplace, runId: string): Promise<ModelFiles> {
  const plan = await readPlan(store.store, runId);
  const status = await readStatus(store.store, runId);
  const nodes = modelNodes(plan);
  const made = async (node: PlannedNode): Promise<NodeManifest> => {
    const manifest = await committed(store, status, node);
    if (manifest) return manifest;
    throw new LcomsError('LCOMS_E_NOT_FOUND', `the run ${runId} has not made its ${node.id} yet (${node.step})`, {
      hint: `\`lcoms show ${runId}\` says how it stands; \`lcoms resume ${runId}\` goes on.`,
    });
  };
  const files: ModelFile[] = [];
  const bytes = new Map<string, Uint8Array>();
  const add = (name: string, role: ModelFileRole, content: Uint8Array): void => {
    if (bytes.has(name))
      throw new LcomsError('LCOMS_E_INPUT', `two parts of the model of ${runId} have a file called ${name}`);
    bytes.set(name, content);
    files.push(modelFile(name, role, content));
  };

  const encoder = await made(nodes.encoder);
  for (const blob of encoder.artifact.blobs) add(blob.name, 'encoder', await store.getBlob(blob));
  if (nodes.surrogate) {
    for (const blob of (await made(nodes.surrogate)).artifact.blobs)
      add(blob.name, 'surrogate', await store.getBlob(blob));
  }
  if (nodes.latents) {
    const blob = await blobOf(store, await made(nodes.latents), 'latents.safetensors');
    const train = readSafetensors(blob, 'latents.safetensors').tensors['train'];
    if (train)
      add(REFERENCE_FILE, 'reference', writeReference(train.data as Float32Array, train.shape[1] ?? 1, plan.spec.seed));
  }

  const data = await made(nodes.data);
  const { provenance, energy, target } = parse<DatasetInfo>(await blobOf(store, data, 'info.json'));
  const crystals = Buffer.from(await blobOf(store, data, 'train.jsonl'))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PreparedCrystal);
  const info: ModelInfo = {
    apiVersion: 1,
    name: plan.name,
    encoder: trainedPlugin(nodes.encoder),
    surrogate: nodes.surrogate && trainedPlugin(nodes.surrogate),
    energyTarget: nodes.surrogate?.options['target'] === 'formation' ? 'formation' : target,
    data: { provenance, scorer: energy.scorer, crystals: crystals.length },
    trained: {
      elements: [...new Set(crystals.flatMap(({ species }) => species))].sort(),
      atoms: [...new Set(crystals.map(({ species }) => species.length))].sort((a, b) => a - b),
    },
    seed: plan.spec.seed,
    backend: encoder.provenance.backend,
    lcoms: encoder.provenance.lcoms,
    files,
  };
  return { info, bytes };
}

/** Whether the run has a trained encoder. */
export async function hasModel({ store }: Workplace, runId: string): Promise<boolean> {
  try {
    const { encoder } = modelNodes(await readPlan(store.store, runId));
    return (await committed(store, await readStatus(store.store, runId), encoder)) !== null;
  } catch (error) {
    if (error instanceof LcomsError) return false;
    throw error;
  }
}

/** The surrogate and the encoder whose latents it learns from; without a surrogate the last encoder. */
function modelNodes(plan: RunPlan): ModelNodes {
  const node = (id: unknown): PlannedNode | null => plan.nodes.find((n) => n.id === id) ?? null;
  const last = (step: PlannedNode['step']): PlannedNode | null =>
    plan.nodes.filter((n) => n.step === step).at(-1) ?? null;
  // One over crystals is no part of a model of the latent space.
  const surrogate =
    plan.nodes.findLast((n) => n.step === 'train-surrogate' && n.needs['latents'] !== undefined) ?? null;
  const encoder = node(node(surrogate?.needs['latents'])?.needs['encoder']) ?? last('train-encoder');
  const data = node(encoder?.needs['data']);
  if (!encoder || !data) throw new LcomsError('LCOMS_E_NOT_FOUND', `the run ${plan.runId} trains no encoder`);
  const latents =
    node(surrogate?.needs['latents']) ??
    plan.nodes.find((n) => n.step === 'encode-data' && n.needs['encoder'] === encoder.id) ??
    null;
  return { data, encoder, latents, surrogate };
}

function trainedPlugin({ id, plugin }: PlannedNode): ModelInfo['encoder'] {
  if (!plugin) throw new LcomsError('LCOMS_E_INTERNAL', `node ${id} has no plugin`);
  return { use: `${plugin.id}@${plugin.version}`, with: plugin.options };
}

async function committed(
  store: Workplace['store'],
  status: RunStatus | null,
  node: PlannedNode,
): Promise<NodeManifest | null> {
  const key = status?.nodes.find(({ id }) => id === node.id)?.key ?? null;
  return key === null ? null : await store.findCommitted(key);
}

async function blobOf(store: Workplace['store'], manifest: NodeManifest, name: string): Promise<Uint8Array> {
  const blob = manifest.artifact.blobs.find((b) => b.name === name);
  if (!blob) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `the artifact of ${manifest.key} has no ${name}`);
  return await store.getBlob(blob);
}

const parse = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
