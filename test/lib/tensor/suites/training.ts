import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { Adam } from '../../../../lib/tensor/adam.js';
import { layerNorm, leakyRelu, Parameters, silu, softplus } from '../../../../lib/tensor/layers.js';
import { gatherRows, rowIds, segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { expectClose } from './ops.js';

interface Activation {
  x: number[];
  weight: number[];
  y: number[];
  grad: number[];
  scale?: number[];
  shift?: number[];
}
interface TorchFixture {
  activations: Record<'silu' | 'softplus' | 'leakyRelu' | 'layerNorm', Activation>;
  adam: {
    learningRate: number;
    start: [number[], number[]];
    gradients: [number[], number[]][];
    course: [number[], number[]][];
    first: [number[], number[]];
    second: [number[], number[]];
  };
}

const fixture = new URL('../../../fixtures/tensor/torch.json', import.meta.url);
const torch = JSON.parse(readFileSync(fixture, 'utf8')) as TorchFixture;

/** A small message-passing network with its data and loss. */
export function smallModel(seed: number) {
  const p = new Parameters(Rng.from(seed));
  const message = p.dense('message', 8, 6, { init: 'glorot' });
  const norm = p.layerNorm('norm', 6);
  const out = p.dense('out', 6, 1, { init: 'kaiming' });
  const data = Rng.from('data');
  const x = tf.tensor2d(data.fillNormal(new Float32Array(28)) as Float32Array, [7, 4]);
  const from = rowIds(
    Int32Array.from({ length: 20 }, () => data.int(7)),
    7,
  );
  const to = rowIds(
    Int32Array.from({ length: 20 }, () => data.int(7)),
    7,
  );
  const loss = (): tf.Scalar => {
    const pairs = tf.concat([gatherRows(x, from), gatherRows(x, to)], 1);
    const summed = segmentSum(silu(message(pairs)), to, 7);
    return tf.mean(tf.square(tf.sub(out(norm(summed)), 1)));
  };
  const train = (adam: Adam, steps: number): number[] =>
    Array.from({ length: steps }, () => {
      const value = adam.minimize(loss);
      const number = value.dataSync()[0] as number;
      value.dispose();
      return number;
    });
  return { p, loss, train };
}

/** Layers and Adam against PyTorch, resume, aliasing, leaks over so many steps. Call after initBackend. */
export function trainingSuite(steps = 500): void {
  describe('activations equal PyTorch', () => {
    const { layerNorm: norm } = torch.activations;
    const scale = () => tf.tensor1d(norm.scale as number[]);
    const shift = () => tf.tensor1d(norm.shift as number[]);
    const ours = {
      silu: (x: tf.Tensor2D) => silu(x),
      softplus: (x: tf.Tensor2D) => softplus(x),
      leakyRelu: (x: tf.Tensor2D) => leakyRelu(x),
      layerNorm: (x: tf.Tensor2D) => layerNorm(x, scale(), shift()),
    };
    it.each(Object.keys(ours) as (keyof typeof ours)[])('%s', (name) => {
      const { x, weight, y, grad } = torch.activations[name];
      tf.tidy(() => {
        const w = tf.tensor2d(weight, [4, 6]);
        const input = tf.tensor2d(x, [4, 6]);
        expectClose(ours[name](input).dataSync(), y, 2e-6);
        expectClose(
          tf
            .grad((v) => tf.sum(tf.mul(ours[name](v as tf.Tensor2D), w)))(input)
            .dataSync(),
          grad,
          4e-6,
        );
      });
    });
  });

  describe('Adam', () => {
    const start = () => {
      const p = new Parameters(Rng.from(0));
      p.add('w', [3, 2], Float32Array.from(torch.adam.start[0]));
      p.add('b', [2], Float32Array.from(torch.adam.start[1]));
      return { p, adam: new Adam(p, { learningRate: torch.adam.learningRate }) };
    };
    const step = (adam: Adam, [w, b]: [number[], number[]]) =>
      tf.tidy(() =>
        adam.step(
          new Map<string, tf.Tensor>([
            ['w', tf.tensor2d(w, [3, 2])],
            ['b', tf.tensor1d(b)],
          ]),
        ),
      );

    it('follows torch.optim.Adam within 1e-6 over 40 steps of gradients of very different size', () => {
      const { p, adam } = start();
      for (const [i, gradients] of torch.adam.gradients.entries()) {
        step(adam, gradients);
        expectClose(p.get('w').dataSync(), torch.adam.course[i]?.[0] as number[], 1e-6);
        expectClose(p.get('b').dataSync(), torch.adam.course[i]?.[1] as number[], 1e-6);
      }
      expectClose(adam.state()['m.w']?.data as Float32Array, torch.adam.first[0], 1e-6);
      expectClose(adam.state()['v.b']?.data as Float32Array, torch.adam.second[1], 1e-5);
      expect([...(adam.state()['steps']?.data ?? [])]).toEqual([40, 40]);
    });

    it('resumes byte for byte from its state and the parameters', () => {
      const whole = smallModel(5);
      const wholeAdam = new Adam(whole.p, { learningRate: 0.01, clip: 0.5 });
      whole.train(wholeAdam, 6);
      const half = { weights: whole.p.save(), state: wholeAdam.state() };
      const rest = whole.train(wholeAdam, 6);
      const resumed = smallModel(6);
      const resumedAdam = new Adam(resumed.p, { learningRate: 0.01, clip: 0.5 });
      resumed.train(resumedAdam, 2);
      resumed.p.load(half.weights);
      resumedAdam.load(half.state);
      expect(resumed.train(resumedAdam, 6)).toEqual(rest);
      expect(resumed.p.save()).toEqual(whole.p.save());
      expect(resumedAdam.state()).toEqual(wholeAdam.state());
    });

    it('leaves tensors that were taken from a parameter before the step as they were', () => {
      const { p, adam } = start();
      step(adam, torch.adam.gradients[0] as [number[], number[]]);
      const before = [...p.get('w').dataSync()];
      const clone = p.get('w').clone();
      const view = p.get('w').reshape([6]);
      step(adam, torch.adam.gradients[1] as [number[], number[]]);
      expect([...clone.dataSync()]).toEqual(before);
      expect([...view.dataSync()]).toEqual(before);
      expect([...p.get('w').dataSync()]).not.toEqual(before);
      clone.dispose();
      step(adam, torch.adam.gradients[2] as [number[], number[]]);
      expectClose(p.get('w').dataSync(), torch.adam.course[2]?.[0] as number[], 1e-6);
    });

    it('follows an assignment made between steps', () => {
      const { p, adam } = start();
      step(adam, torch.adam.gradients[0] as [number[], number[]]);
      adam.learningRate = 0;
      p.load({ w: { shape: [3, 2], data: new Float32Array(6).fill(7) }, b: { shape: [2], data: new Float32Array(2) } });
      step(adam, torch.adam.gradients[1] as [number[], number[]]);
      expect([...p.get('w').dataSync()]).toEqual([7, 7, 7, 7, 7, 7]);
    });

    it('leaves parameters without a gradient alone, as PyTorch does', () => {
      const { p, adam } = start();
      const b = tf.tensor1d(torch.adam.gradients[0]?.[1] as number[]);
      adam.step(new Map([['b', b]]));
      expectClose(p.get('w').dataSync(), torch.adam.start[0], 0);
      expect([...(adam.state()['steps']?.data ?? [])]).toEqual([0, 1]);
    });

    it('refuses gradients and states that do not fit', () => {
      const { adam } = start();
      const wrong = tf.ones([2, 3]);
      expect(() => adam.step(new Map([['w', wrong]]))).toThrowError(/gradient of w is \[2,3\], wanted \[3,2\]/);
      expect(() => adam.step(new Map([['nope', wrong]]))).toThrowError(/no parameter is called "nope"; there are w, b/);
      expect(() => adam.load({})).toThrowError(expect.objectContaining({ code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE' }));
    });
  });

  it(`training lowers the loss and keeps the number of tensors flat over ${steps} steps`, () => {
    const model = smallModel(1);
    const adam = new Adam(model.p, { learningRate: 3e-3 });
    const first = model.train(adam, 2)[0] as number;
    const before = { ...tf.memory() };
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const dataIds = backend.numDataIds();
    const losses = model.train(adam, steps);
    expect(losses.at(-1)).toBeLessThan(0.2 * first);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(backend.numDataIds()).toBe(dataIds);
    adam.dispose();
    model.p.dispose();
  }, 300_000);
}
