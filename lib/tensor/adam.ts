import { LcomsError } from '../../schemas/errors.js';
import { NativeSlots } from './adam-native.js';
import { type AdamSlots, HostSlots } from './adam-slots.js';
import { kernels } from './kernels.js';
import { checkTensors, type Parameters } from './parameters.js';
import type { NamedTensors } from './safetensors.js';
import { nativeBackend } from './tensorflow-binding.js';
import type { tf } from './tf.js';

/** Options of Adam, with the defaults of torch.optim.Adam. */
export interface AdamOptions {
  /** Learning rate, 1e-3 by default. */
  learningRate?: number;
  /** Decay of the first moment, 0.9 by default. */
  beta1?: number;
  /** Decay of the second moment, 0.999 by default. */
  beta2?: number;
  /** Added to the root of the second moment, 1e-8 by default. */
  epsilon?: number;
  /** Gradients are cut to +-clip, value by value, before they are used. Off by default. */
  clip?: number;
}

/**
 * Adam (Kingma and Ba, 2015) over the parameters of a model, equal to torch.optim.Adam. One fused update a parameter
 * on the native backend, typed-array loops elsewhere. Its state round-trips exactly: training that is resumed from
 * `state()` gives the same bytes as training that went on.
 */
export class Adam {
  /** May be changed between steps. */
  learningRate: number;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly clip: number | undefined;
  private readonly slots = new Map<string, AdamSlots>();
  /** Updates of each parameter: one that has no gradient in a step is left alone, as PyTorch does. */
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly parameters: Parameters,
    options: AdamOptions = {},
  ) {
    this.learningRate = options.learningRate ?? 1e-3;
    // Rounded to what the library computes with, so that moments and bias corrections agree.
    this.beta1 = Math.fround(options.beta1 ?? 0.9);
    this.beta2 = Math.fround(options.beta2 ?? 0.999);
    this.epsilon = options.epsilon ?? 1e-8;
    this.clip = options.clip;
  }

  /** One step on a loss. Returns the loss before the step; the caller disposes of it. */
  minimize(loss: () => tf.Scalar): tf.Scalar {
    const { loss: value, gradients } = this.parameters.gradients(loss);
    this.step(gradients);
    for (const gradient of gradients.values()) gradient.dispose();
    return value;
  }

  /** Applies gradients by parameter name. They stay the caller's. Throws LCOMS_E_INPUT for a name or shape that does not fit. */
  step(gradients: ReadonlyMap<string, tf.Tensor>): void {
    for (const [name, gradient] of gradients) {
      const { shape } = this.parameters.get(name);
      if (String(shape) !== String(gradient.shape)) {
        throw new LcomsError('LCOMS_E_INPUT', `the gradient of ${name} is [${gradient.shape}], wanted [${shape}]`);
      }
      const count = (this.counts.get(name) ?? 0) + 1;
      const correction = Math.sqrt(1 - this.beta2 ** count);
      const rate = (this.learningRate * correction) / (1 - this.beta1 ** count);
      const used = this.clip === undefined ? gradient : clipByValue(gradient, this.clip);
      this.slotsOf(name).apply(used, { rate, epsilon: this.epsilon * correction });
      if (used !== gradient) used.dispose();
      this.counts.set(name, count);
    }
  }

  /** Moments (`m.NAME`, `v.NAME`) and the number of updates of each parameter (`steps`, in order of the names). */
  state(): NamedTensors {
    const names = this.parameters.names();
    const steps = Int32Array.from(names, (name) => this.counts.get(name) ?? 0);
    const state: NamedTensors = { steps: { shape: [names.length], data: steps } };
    for (const name of names) {
      const { first, second } = this.slotsOf(name).read();
      const shape = [...this.parameters.get(name).shape];
      state[`m.${name}`] = { shape, data: first };
      state[`v.${name}`] = { shape, data: second };
    }
    return state;
  }

  /** Takes over a state. Throws LCOMS_E_CHECKPOINT_INCOMPATIBLE, changing nothing, when names or shapes differ. */
  load(state: NamedTensors): void {
    const names = this.parameters.names();
    const wanted = new Map<string, readonly number[]>([['steps', [names.length]]]);
    for (const [name, variable] of this.parameters.entries()) {
      wanted.set(`m.${name}`, variable.shape).set(`v.${name}`, variable.shape);
    }
    checkTensors(state, wanted);
    for (const [i, name] of names.entries()) {
      this.counts.set(name, state['steps']?.data[i] as number);
      this.slotsOf(name).write(state[`m.${name}`]?.data as Float32Array, state[`v.${name}`]?.data as Float32Array);
    }
  }

  /** Frees the moments; the parameters stay. */
  dispose(): void {
    for (const slots of this.slots.values()) slots.dispose();
    this.slots.clear();
    this.counts.clear();
  }

  private slotsOf(name: string): AdamSlots {
    const known = this.slots.get(name);
    if (known) return known;
    const variable = this.parameters.get(name);
    const decay = { beta1: this.beta1, beta2: this.beta2 };
    const native = nativeBackend();
    const slots = native ? new NativeSlots(native, variable, decay) : new HostSlots(variable, decay);
    this.slots.set(name, slots);
    return slots;
  }
}

/** Values cut to [-limit, limit]. Throws LCOMS_E_INPUT unless the limit is a positive number. */
export function clipByValue<T extends tf.Tensor>(x: T, limit: number): T {
  if (!(limit > 0)) throw new LcomsError('LCOMS_E_INPUT', `a clip of ${limit} is not a positive number`);
  const k = kernels();
  return k.scope(() => k.tensor(k.clip(k.of(x), limit))) as T;
}
