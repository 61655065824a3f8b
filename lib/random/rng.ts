import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { sha256 } from '../hashing/sha256.js';

/** What it takes to continue a stream exactly: the generator's words and the spare normal deviate, if one is held. */
export interface RngState {
  words: number[];
  spare: number | null;
}

type Generator = ReturnType<typeof xoroshiro128plusFromState>;

/**
 * A seeded stream of random numbers (xoroshiro128+). Every random number in lcoms comes from one: there is no global
 * generator. `fork(label)` gives an independent stream that depends only on this stream's seed and the label, never on
 * how much of this stream has been used.
 */
export class Rng {
  private constructor(
    private readonly seed: string,
    private generator: Generator,
    private spare: number | null,
  ) {}

  /** A stream from any string or number. */
  static from(seed: string | number): Rng {
    const digest = sha256(`lcoms-rng:${seed}`);
    const words = [0, 8, 16, 24].map((i) => Number.parseInt(digest.slice(i, i + 8), 16) | 0);
    return new Rng(String(seed), xoroshiro128plusFromState(words), null);
  }

  fork(label: string | number): Rng {
    return Rng.from(`${this.seed}/${label}`);
  }

  state(): RngState {
    return { words: [...this.generator.getState()], spare: this.spare };
  }

  restore(state: RngState): void {
    this.generator = xoroshiro128plusFromState(state.words);
    this.spare = state.spare;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.generator.next() >>> 5;
    const low = this.generator.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform whole number in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal deviate (Box-Muller, both values used). */
  normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `out` filled with standard normal deviates. */
  fillNormal(out: Float32Array | Float64Array): typeof out {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const t = out[i] as T;
      out[i] = out[j] as T;
      out[j] = t;
    }
    return out;
  }
}
