import { z } from 'zod';
import { LcomsError } from '../../schemas/errors.js';
import { decodeJson, encodeJson } from './json-object.js';
import { claimPrefix } from './layout.js';
import type { ObjectStore } from './object-store.js';

const claimSchema = z.strictObject({ version: z.literal(1), owner: z.string() });

/** Claims of one node that were made at once before it is given up. */
const MAXIMUM_RACES = 100;

/**
 * One attempt's right to write the checkpoints of a node: a number that grows with every attempt, whoever makes it. An
 * attempt that was given up (its worker slept, its network was away) and wakes up late finds a younger claim of its own
 * run, or none when the node has been committed, and writes nothing more. Attempts of other runs are no reason to stop.
 */
export class Claim {
  private constructor(
    private readonly store: ObjectStore,
    private readonly nodeKey: string,
    /** The run: its younger attempts fence off its older ones. */
    private readonly owner: string,
    /** From 1. */
    readonly number: number,
  ) {}

  /** Takes the next number of the node. Throws as the store does. */
  static async take(store: ObjectStore, nodeKey: string, owner: string): Promise<Claim> {
    const bytes = encodeJson({ version: 1, owner }, `the claim of ${owner}`);
    let number = ((await numbers(store, nodeKey)).at(-1) ?? 0) + 1;
    for (let race = 0; race < MAXIMUM_RACES; race++, number++) {
      if ((await store.putIfAbsent(keyOf(nodeKey, number), bytes)) === 'created')
        return new Claim(store, nodeKey, owner, number);
    }
    throw new LcomsError('LCOMS_E_STORE', `${store.describe()} says that every claim of node ${nodeKey} exists`);
  }

  /** Throws LCOMS_E_SUPERSEDED when a younger attempt of the run has taken over, or the node has been committed. */
  async assertHeld(): Promise<void> {
    const all = await numbers(this.store, this.nodeKey);
    if (!all.includes(this.number)) throw superseded('the node has been committed by another one');
    for (const number of all.filter((n) => n > this.number)) {
      const key = keyOf(this.nodeKey, number);
      const { owner } = decodeJson(await this.store.get(key), claimSchema, key, this.store.describe());
      if (owner === this.owner) throw superseded(`attempt ${number} has taken over from attempt ${this.number}`);
    }
  }

  /** Forgets the claims of a node that is committed: attempts still under way find theirs gone. */
  static async clear(store: ObjectStore, nodeKey: string): Promise<void> {
    for (const number of await numbers(store, nodeKey)) await store.delete(keyOf(nodeKey, number));
  }
}

function superseded(why: string): LcomsError {
  return new LcomsError('LCOMS_E_SUPERSEDED', `this attempt came too late: ${why}; what it would write is not kept`);
}

const keyOf = (nodeKey: string, number: number): string =>
  `${claimPrefix(nodeKey)}${String(number).padStart(6, '0')}.json`;

/** Numbers of the claims of a node, in order. */
async function numbers(store: ObjectStore, nodeKey: string): Promise<number[]> {
  const found: number[] = [];
  const prefix = claimPrefix(nodeKey);
  for await (const { key } of store.list(prefix)) {
    const match = /^(\d{6})\.json$/.exec(key.slice(prefix.length));
    if (match) found.push(Number(match[1]));
  }
  return found.sort((a, b) => a - b);
}
