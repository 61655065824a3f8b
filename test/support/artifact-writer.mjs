// A process that writes to a folder store until it is done or killed: `node artifact-writer.mjs FOLDER MODE LABEL`.
// race: commits one node and prints whether it was the one. many: puts blobs and commits node after node for ever.

import { ArtifactStore, artifactDigest } from '../../dist/lib/artifacts/artifact-store.js';
import { FsStore } from '../../dist/lib/artifacts/fs.js';
import { hashJson } from '../../dist/lib/hashing/sha256.js';

const [, , folder, mode, label] = process.argv;
const artifacts = new ArtifactStore(new FsStore(folder));

async function commit(identity, size) {
  const bytes = new Uint8Array(size).fill(label.charCodeAt(0));
  bytes[0] = identity.node & 255;
  const blobs = [await artifacts.putBlob('a.bin', bytes), await artifacts.putBlob('b.bin', bytes.subarray(1))];
  return artifacts.commit({
    version: 1,
    key: hashJson(identity),
    identity,
    artifact: { kind: 'report', digest: artifactDigest('report', blobs), blobs },
    metrics: {},
    provenance: {
      createdAt: '2025-01-01T00:00:00.000Z',
      seconds: 0,
      cpuSeconds: 0,
      backend: null,
      lcoms: label,
      node: 'test',
    },
  });
}

if (mode === 'race') {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  const { created, manifest } = await commit({ node: 1 }, 1000);
  process.stdout.write(`${JSON.stringify({ created, winner: manifest.provenance.lcoms })}\n`, () => process.exit(0));
} else {
  for (let node = 0; ; node++) {
    await commit({ node }, 20_000 + node);
    if (node === 0) process.stdout.write('ready\n');
  }
}
