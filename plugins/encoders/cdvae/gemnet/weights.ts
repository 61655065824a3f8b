import type { Rng } from '../../../../lib/random/rng.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import type { tf } from '../../../../lib/tensor/tf.js';
import { heOrthogonal } from './initial-weights.js';

export type Weight = tf.Variable<tf.Rank.R2>;

/** Adds the bias-free weights of GemNet to a set of parameters, under one prefix. */
export class Weights {
  constructor(
    readonly parameters: Parameters,
    private readonly rng: Rng,
    private readonly prefix: string,
  ) {}

  /** `PREFIX.name` */
  named(name: string): string {
    return `${this.prefix}.${name}`;
  }

  /** The same parameters under a longer prefix. */
  under(name: string): Weights {
    return new Weights(this.parameters, this.rng, this.named(name));
  }

  /** `PREFIX.name.weight` [inputs, outputs], He orthogonal. */
  dense(name: string, inputs: number, outputs: number): Weight {
    return this.add(name, inputs, outputs, this.start(name, inputs, outputs));
  }

  /** A dense layer over concatenated inputs, one weight [inputs[i], outputs] for each: the layer's sum of products. */
  concatenated<K extends string>(name: string, inputs: Record<K, number>, outputs: number): Record<K, Weight> {
    const parts = Object.entries(inputs) as [K, number][];
    const joint = this.start(
      name,
      parts.reduce((sum, [, width]) => sum + width, 0),
      outputs,
    );
    let row = 0;
    return Object.fromEntries(
      parts.map(([part, width]) => {
        const values = joint.slice(row * outputs, (row + width) * outputs);
        row += width;
        return [part, this.add(`${name}.${part}`, width, outputs, values)];
      }),
    ) as Record<K, Weight>;
  }

  /**
   * `PREFIX.name.weight` [R, width S]: for each of S angular functions a projection of R radial ones. All R S inputs go
   * into an output, so their number is what its variance is set by.
   */
  circular(name: string, R: number, S: number, width: number): Weight {
    const start = this.start(name, S * R, width);
    const values = new Float32Array(start.length);
    for (let s = 0; s < S; s++)
      for (let r = 0; r < R; r++)
        for (let i = 0; i < width; i++) values[(r * width + i) * S + s] = start[(s * R + r) * width + i] as number;
    return this.add(name, R, width * S, values);
  }

  private start(name: string, inputs: number, outputs: number): Float32Array {
    return heOrthogonal(this.rng.fork(`${this.named(name)}.weight`), inputs, outputs);
  }

  private add(name: string, inputs: number, outputs: number, values: Float32Array): Weight {
    return this.parameters.add<tf.Rank.R2>(`${this.named(name)}.weight`, [inputs, outputs], values);
  }
}
