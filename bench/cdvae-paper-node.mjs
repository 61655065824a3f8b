// The Node side of bench/cdvae-paper.mjs: encoder/cdvae with preset paper, and the files that its PyTorch peer reads.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCrystals } from '../dist/lib/crystal/io/read.js';
import { inverse } from '../dist/lib/crystal/lattice.js';
import { Rng } from '../dist/lib/random/rng.js';
import { Adam } from '../dist/lib/tensor/adam.js';
import { Parameters } from '../dist/lib/tensor/parameters.js';
import { writeSafetensors } from '../dist/lib/tensor/safetensors.js';
import { tf } from '../dist/lib/tensor/tf.js';
import { crystalTriplets } from '../dist/plugins/encoders/cdvae/dimenet/triplets.js';
import { batchOfMoving, disposeBatch } from '../dist/plugins/encoders/cdvae/gemnet/batch.js';
import { crystalEdges } from '../dist/plugins/encoders/cdvae/gemnet/edges.js';
import { standardise } from '../dist/plugins/encoders/cdvae/lattice-target.js';
import { fitPaperScale } from '../dist/plugins/encoders/cdvae/paper/lattice-parameters.js';
import { PaperNetworks } from '../dist/plugins/encoders/cdvae/paper/networks.js';
import { gemnetOptions, paperOptionsSchema } from '../dist/plugins/encoders/cdvae/paper/options.js';
import { preparePaperCrystal } from '../dist/plugins/encoders/cdvae/paper/prepared-crystal.js';
import { samplePaperCoordinates } from '../dist/plugins/encoders/cdvae/paper/sampler.js';
import { batchLoss, trainingStep } from '../dist/plugins/encoders/cdvae/paper/step.js';
import { drawBatch, microBatches } from '../dist/plugins/encoders/cdvae/paper/training-batches.js';
import { atomicNumber } from '../dist/schemas/elements.js';

/** The model, its crystals and their batches, all drawn from one seed. */
export class NodeSide {
  constructor({ rows, options, seed }) {
    this.rng = Rng.from(seed);
    this.rows = rows;
    this.options = options;
    this.scale = fitPaperScale(rows.map((row) => row.crystal));
    this.fresh();
  }

  static async load(file, { count, maxAtoms, seed, ...options }) {
    const parsed = paperOptionsSchema.parse({ preset: 'paper', ...options });
    const found = (await readCrystals(file)).flatMap((row) => (row.crystal === undefined ? [] : [row.crystal]));
    const rows = [];
    const begin = performance.now();
    for (const crystal of Rng.from(seed).fork('crystals').shuffle(found)) {
      if (rows.length === count) break;
      const prepared = preparePaperCrystal(crystal, parsed);
      if (prepared.n <= maxAtoms) rows.push({ id: crystal.id, crystal: prepared, energy: 0 });
    }
    const side = new NodeSide({ rows, options: parsed, seed });
    side.prepareMs = (performance.now() - begin) / count;
    return side;
  }

  /** The weights of the start and an Adam without memory. */
  fresh() {
    this.adam?.dispose();
    this.parameters?.dispose();
    const rng = this.rng.fork('weights');
    this.parameters = new Parameters(rng);
    this.networks = new PaperNetworks(this.parameters, rng, this.options);
    const { learningRate, gradientClip } = this.options;
    this.adam = new Adam(this.parameters, { learningRate, clip: gradientClip });
    // So that no output is zero by construction: the encoder's last layers start at zero.
    for (const [name, variable] of this.parameters.entries()) {
      if (!/^encoder\.output\d+\.out\.weight$/.test(name)) continue;
      const values = new Float32Array(variable.size);
      this.rng.fork(name).fillNormal(values);
      tf.tidy(() =>
        variable.assign(
          tf.tensor(
            values.map((v) => 0.002 * v),
            variable.shape,
          ),
        ),
      );
    }
  }

  get evaluation() {
    const { networks, parameters, scale, options } = this;
    return { networks, parameters, scale, options };
  }

  /** Rows of batch `k` of `size` crystals; batches start again at the first crystal where they run out. */
  batch(k, size) {
    const batches = Math.floor(this.rows.length / size);
    const at = (k % batches) * size;
    return this.rows.slice(at, at + size);
  }

  stream(k) {
    return this.rng.fork(`batch/${k}`);
  }

  loss(k, size) {
    return batchLoss(this.batch(k, size), this.evaluation, this.stream(k));
  }

  /** One step; milliseconds of each phase, loss and memory. */
  step(k, size) {
    const ms = { graph: 0, forward: 0, backward: 0, optimizer: 0 };
    const begin = performance.now();
    const cpu = process.cpuUsage();
    let last = begin;
    const terms = trainingStep(this.batch(k, size), this.evaluation, this.adam, this.stream(k), (phase) => {
      const now = performance.now();
      ms[phase] += now - last;
      last = now;
    });
    return { ...spent(begin, cpu), ms, loss: terms[0] };
  }

  /** Micro-batches of a batch with their draws, as the step takes them. */
  parts(k, size) {
    const rows = this.batch(k, size);
    const sizes = rows.map(({ crystal }) => crystal.n);
    return microBatches(drawBatch(rows, this.options, this.stream(k)), sizes, this.options.microBatchAtoms);
  }

  /** Crystals of a batch as the sampler takes them, in their true cells. */
  samplingTask(size) {
    const rows = this.batch(0, size);
    const latents = new Float32Array(size * this.options.latentDimension);
    this.rng.fork('latents').fillNormal(latents);
    return {
      cells: rows.map(({ crystal: { lattice, species } }) => ({ lattice, inverse: inverse(lattice), species })),
      latents: tf.tensor2d(latents, [size, this.options.latentDimension]),
      streams: rows.map((_, c) => this.rng.fork(`decode/${c}`)),
    };
  }

  /** Time of `calls` network calls of the sampler for `size` crystals, each with its graph. */
  async decode(size, calls) {
    const task = this.samplingTask(size);
    const options = { ...this.options, sampler: 'langevin', noiseLevels: calls, langevinSteps: 1 };
    const begin = performance.now();
    const cpu = process.cpuUsage();
    await samplePaperCoordinates(this.networks, task, options, new AbortController().signal);
    task.latents.dispose();
    return spent(begin, cpu);
  }

  /** Milliseconds that one call spends on its graph, by repeating it. */
  decodeGraphMs(size, repeats) {
    const moving = this.walkers(size, 'graph');
    const begin = performance.now();
    for (let k = 0; k < repeats; k++) disposeBatch(batchOfMoving(moving, gemnetOptions(this.options)));
    return (performance.now() - begin) / repeats;
  }

  walkers(size, label) {
    return this.batch(0, size).map(({ crystal: { lattice, species } }, c) => {
      const stream = this.rng.fork(`${label}/${c}`);
      return { lattice, species, frac: Float64Array.from({ length: 3 * species.length }, () => stream.uniform()) };
    });
  }

  /**
   * Writes options, weights and batches for the peer: `train-K-P` for part P of training batch K, `decode-K` for graphs of
   * random coordinates.
   * @returns names of the parts of each training batch, and of the decoding graphs
   */
  async write(folder, { size, batches, graphs }) {
    await mkdir(folder, { recursive: true });
    const save = (name, tensors) => writeFile(path.join(folder, `${name}.safetensors`), writeSafetensors(tensors));
    await writeFile(path.join(folder, 'options.json'), JSON.stringify(this.options));
    await save('weights', this.parameters.save());
    const names = { train: [], whole: [], decode: [] };
    for (let k = 0; k < batches; k++) {
      const parts = this.parts(k, size);
      names.train.push(parts.map((_, p) => `train-${k}-${p}`));
      names.whole.push([`train-${k}`]);
      for (const [p, part] of parts.entries()) await save(`train-${k}-${p}`, trainingTensors(part, this));
      await save(`train-${k}`, trainingTensors(parts.flat(), this));
    }
    const task = this.samplingTask(size);
    for (let k = 0; k < graphs; k++) {
      const walkers = this.walkers(size, `walk/${k}`);
      const latents = { shape: task.latents.shape, data: task.latents.dataSync() };
      await save(`decode-${k}`, { ...crystalTensors(walkers), ...decoderTensors(walkers, this.options), latents });
      names.decode.push(`decode-${k}`);
    }
    task.latents.dispose();
    return names;
  }
}

/** Wall clock and processor time since a start, seconds. */
function spent(begin, cpu) {
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 };
}

const floats = (values, ...shape) => ({ shape: [values.length, ...shape], data: Float32Array.from(values) });
const whole = (values) => ({ shape: [values.length], data: Int32Array.from(values) });
const table = (values, width) => ({ shape: [values.length / width, width], data: Float32Array.from(values) });

function crystalTensors(crystals) {
  return {
    elements: whole(crystals.flatMap(({ species }) => species.map((s) => atomicNumber(s)))),
    crystalOf: whole(crystals.flatMap(({ species }, c) => species.map(() => c))),
    atoms: whole(crystals.map(({ species }) => species.length)),
  };
}

/** Edges and triplets of several crystals, one after the other. */
function joined(graphs, keys) {
  const out = Object.fromEntries(Object.keys(keys).map((key) => [key, []]));
  const at = { atom: 0, edge: 0, none: 0 };
  for (const graph of graphs) {
    for (const [key, kind] of Object.entries(keys)) for (const v of graph[key]) out[key].push(v + at[kind]);
    at.atom += graph.atoms;
    at.edge += graph.edges;
  }
  return out;
}

function encoderTensors(crystals) {
  const graphs = crystals.map(({ graph: { edges } }) => {
    const { receiver, sender, distance } = edges;
    const { incoming, outgoing, cosine } = crystalTriplets(edges);
    const angle = Array.from(cosine, Math.acos);
    return { atoms: edges.atoms, edges: edges.count, receiver, sender, distance, incoming, outgoing, angle };
  });
  const kinds = {
    receiver: 'atom',
    sender: 'atom',
    incoming: 'edge',
    outgoing: 'edge',
    distance: 'none',
    angle: 'none',
  };
  const all = joined(graphs, kinds);
  return Object.fromEntries(
    Object.entries(all).map(([key, v]) => [`encoder.${key}`, kinds[key] === 'none' ? floats(v) : whole(v)]),
  );
}

function decoderTensors(crystals, options) {
  const graphs = crystals.map(({ lattice, frac }) => {
    const edges = crystalEdges(lattice, frac, gemnetOptions(options));
    const [sending, receiving, ragged] = [[], [], []];
    for (let e = 0, first = 0; e < edges.count; e++) {
      if (edges.target[e] !== edges.target[first]) first = e;
      let at = 0;
      for (let f = first; f < edges.count && edges.target[f] === edges.target[e]; f++) {
        if (f === e) continue;
        sending.push(f);
        receiving.push(e);
        ragged.push(at++);
      }
    }
    const { source, target, reverse, distance, direction, n, count } = edges;
    return { atoms: n, edges: count, source, target, reverse, sending, receiving, ragged, distance, direction };
  });
  const [atom, edge, none] = ['atom', 'edge', 'none'];
  const kinds = { source: atom, target: atom, reverse: edge, sending: edge, receiving: edge, ragged: none };
  const all = joined(graphs, { ...kinds, distance: none, direction: none });
  return Object.fromEntries(
    Object.entries(all).map(([key, v]) => [
      `decoder.${key}`,
      key === 'direction' ? table(v, 3) : key === 'distance' ? floats(v) : whole(v),
    ]),
  );
}

function trainingTensors(drawn, { options, scale }) {
  const crystals = drawn.map(({ row }) => row.crystal);
  const noisy = drawn.map(({ row: { crystal }, frac }) => ({ ...crystal, frac }));
  return {
    ...crystalTensors(crystals),
    ...encoderTensors(crystals),
    ...decoderTensors(noisy, options),
    lattice: table(
      crystals.flatMap(({ numbers }) => Array.from(standardise(numbers, scale))),
      6,
    ),
    score: table(
      drawn.flatMap(({ target }) => Array.from(target)),
      3,
    ),
    deviates: table(
      drawn.flatMap(({ deviates }) => Array.from(deviates)),
      options.latentDimension,
    ),
  };
}
