// A short training run in its own process: prints backend, sha256 of weights and optimizer state, and whether anything
// else was written. Compiled code, as users run it.
const from = (file) => import(new URL(`../../../dist/lib/${file}`, import.meta.url).href);
const [{ initBackend }, { tf }, { Parameters, silu, leakyRelu }, { Adam }, { Rng }, segment, st, { sha256 }] =
  await Promise.all(
    ['tensor/backend.js', 'tensor/tf.js', 'tensor/layers.js', 'tensor/adam.js', 'random/rng.js', 'tensor/segment.js']
      .concat(['tensor/safetensors.js', 'hashing/sha256.js'])
      .map(from),
  );

const info = await initBackend();
const p = new Parameters(Rng.from('run'));
const message = p.dense('message', 128, 256, { init: 'glorot' });
const norm = p.layerNorm('norm', 256);
const hidden = p.dense('hidden', 256, 512, { init: 'kaiming' });
const out = p.dense('out', 512, 1);
const data = Rng.from('data');
const nodes = 200;
const edges = 3000;
const x = tf.tensor2d(data.fillNormal(new Float32Array(nodes * 64)), [nodes, 64]);
const [source, target] = [0, 1].map(() =>
  segment.rowIds(
    Int32Array.from({ length: edges }, () => data.int(nodes)),
    nodes,
  ),
);
const adam = new Adam(p, { learningRate: 3e-3, clip: 1 });
const loss = () => {
  const pairs = tf.concat([segment.gatherRows(x, source), segment.gatherRows(x, target)], 1);
  const summed = segment.segmentSum(silu(message(pairs)), target, nodes);
  return tf.mean(tf.square(tf.sub(out(leakyRelu(hidden(norm(summed)))), 1)));
};
for (let i = 0; i < 12; i++) adam.minimize(loss).dispose();
const digest = sha256(st.writeSafetensors({ ...p.save(), ...adam.state() }));
console.log(JSON.stringify({ name: info.name, identity: info.identity, digest }));
