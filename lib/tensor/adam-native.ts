import type { AdamDecay, AdamSlots, AdamStep } from './adam-slots.js';
import type { NativeBackend, OpAttribute, TensorflowBinding } from './tensorflow-binding.js';
import { tf } from './tf.js';

let variables = 0;

/** A float32 resource variable of the TensorFlow library: the only thing its fused optimizers update in place. */
class ResourceVariable {
  readonly handle: number;
  private readonly dtype: OpAttribute[];

  constructor(
    private readonly binding: TensorflowBinding,
    shape: readonly number[],
  ) {
    this.dtype = [{ name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
    const [made] = binding.executeOp(
      'VarHandleOp',
      [
        ...this.dtype,
        { name: 'shape', type: binding.TF_ATTR_SHAPE, value: shape },
        { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `lcoms-${++variables}` },
        { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
      ],
      [],
      1,
    );
    this.handle = (made as { id: number }).id;
  }

  assign(tensor: number): void {
    this.binding.executeOp('AssignVariableOp', this.dtype, [this.handle, tensor], 0);
  }

  assignValues(values: Float32Array, shape: readonly number[]): void {
    const tensor = this.binding.createTensor(shape, this.binding.TF_FLOAT, values);
    this.assign(tensor);
    this.binding.deleteTensor(tensor);
  }

  /** A tensor that shares the variable's memory; the caller deletes it. */
  read(): number {
    const [made] = this.binding.executeOp('ReadVariableOp', this.dtype, [this.handle], 1);
    return (made as { id: number }).id;
  }

  copyValues(): Float32Array {
    const tensor = this.read();
    const values = Float32Array.from(this.binding.tensorDataSync(tensor));
    this.binding.deleteTensor(tensor);
    return values;
  }

  dispose(): void {
    const ignore = { name: 'ignore_lookup_error', type: this.binding.TF_ATTR_BOOL, value: true };
    this.binding.executeOp('DestroyResourceOp', [ignore], [this.handle], 0);
    this.binding.deleteTensor(this.handle);
  }
}

/**
 * Moments and weights as resource variables, updated by one ResourceApplyAdam. The tf.Variable stays usable: after
 * each step its data is the resource's memory, without a copy. When anything else changed the variable (load, assign),
 * its value is taken over before the next update; tensors that were cloned from it keep their values.
 */
export class NativeSlots implements AdamSlots {
  private readonly weight: ResourceVariable;
  private readonly first: ResourceVariable;
  private readonly second: ResourceVariable;
  private readonly constants: { zero: number; beta1: number; beta2: number };
  private readonly attributes: OpAttribute[];
  /** The tensor that the variable got from the last update; another one means that the variable was changed. */
  private lastRead = -1;

  constructor(
    private readonly backend: NativeBackend,
    private readonly variable: tf.Variable,
    decay: AdamDecay,
  ) {
    const { binding } = backend;
    this.weight = new ResourceVariable(binding, variable.shape);
    this.first = new ResourceVariable(binding, variable.shape);
    this.second = new ResourceVariable(binding, variable.shape);
    this.write(new Float32Array(variable.size), new Float32Array(variable.size));
    this.constants = { zero: this.scalar(0), beta1: this.scalar(decay.beta1), beta2: this.scalar(decay.beta2) };
    this.attributes = [
      { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false },
      { name: 'use_nesterov', type: binding.TF_ATTR_BOOL, value: false },
    ];
  }

  apply(gradient: tf.Tensor, step: AdamStep): void {
    const { binding } = this.backend;
    const shared = this.takeOver();
    const rate = this.scalar(step.rate);
    const epsilon = this.scalar(step.epsilon);
    const [g] = this.backend.getInputTensorIds([gradient]) as [number];
    const { zero, beta1, beta2 } = this.constants;
    const slots = [this.weight.handle, this.first.handle, this.second.handle];
    // Beta powers of zero: the bias corrections are in rate and epsilon already, in double precision.
    binding.executeOp('ResourceApplyAdam', this.attributes, [...slots, zero, zero, rate, beta1, beta2, epsilon, g], 0);
    binding.deleteTensor(rate);
    binding.deleteTensor(epsilon);
    this.handBack(shared);
  }

  /** Brings the variable's value into the resource and lets go of the shared memory. True when clones hold it too. */
  private takeOver(): boolean {
    const entry = this.backend.tensorMap.get(this.variable.dataId);
    if (entry.id !== this.lastRead || entry.values !== null) {
      const [current] = this.backend.getInputTensorIds([this.variable]) as [number];
      this.weight.assign(current);
    }
    if (entry.refCount > 1) return true;
    // The library updates in place only what nobody else refers to.
    this.backend.binding.deleteTensor(entry.id);
    entry.id = -1;
    return false;
  }

  private handBack(shared: boolean): void {
    if (shared) {
      const fresh = tf.zeros(this.variable.shape);
      this.variable.assign(fresh);
      fresh.dispose();
    }
    const entry = this.backend.tensorMap.get(this.variable.dataId);
    entry.values = null;
    entry.id = this.weight.read();
    this.lastRead = entry.id;
  }

  read(): { first: Float32Array; second: Float32Array } {
    return { first: this.first.copyValues(), second: this.second.copyValues() };
  }

  write(first: Float32Array, second: Float32Array): void {
    this.first.assignValues(first, this.variable.shape);
    this.second.assignValues(second, this.variable.shape);
  }

  dispose(): void {
    for (const resource of [this.weight, this.first, this.second]) resource.dispose();
    for (const tensor of Object.values(this.constants)) this.backend.binding.deleteTensor(tensor);
  }

  private scalar(value: number): number {
    return this.backend.binding.createTensor([], this.backend.binding.TF_FLOAT, Float32Array.of(value));
  }
}
