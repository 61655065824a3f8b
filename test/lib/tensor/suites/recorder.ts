import { nativeBackend, type TensorflowBinding } from '../../../../lib/tensor/tensorflow-binding.js';
import { tf } from '../../../../lib/tensor/tf.js';

/** Names of what ran on the tensor backend. */
export interface Recording {
  /** Kernels of tfjs that ran. */
  ran: Set<string>;
  /** Kernels whose gradient function was called. */
  differentiated: Set<string>;
  /** Ops of the TensorFlow library that were called past tfjs, e.g. ResourceApplyAdam. */
  raw: Set<string>;
}

type TapeArguments = [string, unknown, unknown, unknown, unknown, unknown];

interface Tape {
  activeTape: { kernelName: string; gradient?: (...args: unknown[]) => unknown }[];
}

/** The parts of tfjs's engine that every kernel goes through. */
interface Engine {
  state: Tape;
  runKernelFunc(call: { kernelName?: string }): unknown;
  addTapeNode(...args: TapeArguments): void;
}

/** Runs `task` and records every kernel and every gradient that it asks the backend for. */
export async function recordKernels(task: () => unknown): Promise<Recording> {
  const engine = tf.engine() as unknown as Engine;
  const recording: Recording = { ran: new Set(), differentiated: new Set(), raw: new Set() };
  let inKernel = 0;
  const runKernelFunc = (call: { kernelName?: string }): unknown => {
    // A call without a name is a custom gradient: what it runs inside comes through here again.
    if (call.kernelName === undefined) return stock.runKernelFunc.call(engine, call);
    recording.ran.add(call.kernelName);
    inKernel++;
    try {
      return stock.runKernelFunc.call(engine, call);
    } finally {
      inKernel--;
    }
  };
  const addTapeNode = (...args: TapeArguments): void => {
    stock.addTapeNode.apply(engine, args);
    const [name] = args;
    const node = engine.state.activeTape.at(-1);
    const gradient = node?.gradient;
    // The tape knows a custom gradient by the name of its scope, which is no kernel.
    if (node === undefined || gradient === undefined || tf.getGradient(name) === undefined) return;
    node.gradient = (...dys) => {
      recording.differentiated.add(name);
      return gradient(...dys);
    };
  };
  const stock = { runKernelFunc: engine.runKernelFunc, addTapeNode: engine.addTapeNode };
  const backend = nativeBackend() as { binding: TensorflowBinding } | null;
  const binding = backend?.binding;
  Object.assign(engine, { runKernelFunc, addTapeNode });
  if (backend && binding) {
    const executeOp: TensorflowBinding['executeOp'] = (name, ...rest) => {
      if (inKernel === 0) recording.raw.add(name);
      return binding.executeOp(name, ...rest);
    };
    // The binding's own properties can't be written.
    backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as TensorflowBinding;
  }
  try {
    await task();
  } finally {
    const own = engine as unknown as Record<string, unknown>;
    delete own['runKernelFunc'];
    delete own['addTapeNode'];
    if (backend && binding) backend.binding = binding;
  }
  return recording;
}
