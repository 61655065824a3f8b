import type { StepContext, StepFunction, StepResult } from '../../../activities/steps/context.js';
import { Rng } from '../../../lib/random/rng.js';
import { digestBlobs } from '../../../plugins/testing/test-context.js';

/** Runs steps one after the other in memory: each input is what an earlier step made. */
export async function runStep(
  step: StepFunction,
  {
    options = {},
    inputs = {},
    plugin,
  }: { options?: object; inputs?: Record<string, StepResult>; plugin?: (kind: string) => unknown },
): Promise<StepResult> {
  const context = {
    node: { id: 'node', plugin: { id: 'plugin', options: {} }, helpers: {}, options, files: {} },
    rng: Rng.from('seed'),
    signal: new AbortController().signal,
    tick: () => undefined,
    log: () => undefined,
    input: (name: string) => {
      const made = inputs[name];
      if (!made) throw new Error(`no input ${name}`);
      return { key: name, artifact: { digest: digestBlobs(made.blobs), blobs: made.blobs } };
    },
    blob: async (manifest: { artifact: { blobs: StepResult['blobs'] } }, name: string) =>
      blobOf(manifest.artifact, name),
    blobs: async (manifest: { artifact: { blobs: StepResult['blobs'] } }) =>
      new Map(manifest.artifact.blobs.map((b) => [b.name, b.bytes])),
    create: async (kind: string) => plugin?.(kind),
  };
  return await step(context as unknown as StepContext);
}

export function blobOf({ blobs }: Pick<StepResult, 'blobs'>, name: string): Uint8Array {
  const found = blobs.find((b) => b.name === name);
  if (!found) throw new Error(`no blob ${name}`);
  return found.bytes;
}

/** JSON lines of a blob. */
export const rowsOf = <T>(made: StepResult, name: string): T[] =>
  Buffer.from(blobOf(made, name))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
