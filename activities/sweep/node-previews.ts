import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { PlannedNode } from '../../schemas/node.js';
import { digestsRead, inputDigests } from '../dag/input-digests.js';
import { nodeIdentity, nodeKey } from '../dag/node-key.js';

/** A node of a sweep before anything runs: the same for all trials that share it. */
export interface SharedNode {
  /** What tells it from others while its inputs are not made: hash of itself and of what it needs, all the way up. */
  shape: string;
  /** As the first trial calls it. */
  node: PlannedNode;
  /** Known when every input is there. */
  key: string | null;
  /** Its committed result; null: to be made. */
  manifest: NodeManifest | null;
}

/** Looks nodes up in the store, each once however many trials share it. */
export class NodePreviews {
  readonly #known = new Map<string, SharedNode>();

  constructor(
    private readonly store: ArtifactStore,
    /** Read every blob of what is found, and take what has lost one for not made. */
    private readonly verify = false,
  ) {}

  /** The nodes of one trial, in the order given: after all that they need. */
  async of(nodes: readonly PlannedNode[]): Promise<SharedNode[]> {
    const found = new Map<string, SharedNode>();
    for (const node of nodes) {
      const shape = hashJson(
        nodeIdentity(
          node,
          inputDigests(node, (id) => found.get(id)?.shape ?? id),
        ),
      );
      let shared = this.#known.get(shape);
      if (!shared) {
        shared = { shape, node, ...(await this.#lookUp(node, found)) };
        this.#known.set(shape, shared);
      }
      found.set(node.id, shared);
    }
    return nodes.map(({ id }) => found.get(id) as SharedNode);
  }

  /** Every node looked at, each once. */
  all(): SharedNode[] {
    return [...this.#known.values()];
  }

  async #lookUp(
    node: PlannedNode,
    found: ReadonlyMap<string, SharedNode>,
  ): Promise<Pick<SharedNode, 'key' | 'manifest'>> {
    const needs = Object.values(node.needs).flat();
    if (needs.some((id) => !found.get(id)?.manifest)) return { key: null, manifest: null };
    const key = nodeKey(
      nodeIdentity(
        node,
        digestsRead(node, (id) => found.get(id)?.manifest),
      ),
    );
    const manifest = await this.store.findCommitted(key);
    if (!manifest || !this.verify) return { key, manifest };
    const whole = await this.store.verify(manifest).then(
      () => true,
      () => false,
    );
    return { key, manifest: whole ? manifest : null };
  }
}
