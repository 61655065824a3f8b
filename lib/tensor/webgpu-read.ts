import { tf } from './tf.js';
import type { WebgpuProgram } from './webgpu-programs.js';

/** The parts of WebGPU that are used directly; its types come with packages that are not installed by default. */
export interface GpuBuffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}
export interface GpuDevice {
  readonly limits: Record<string, number>;
  addEventListener(type: 'uncapturederror', listener: (event: DeviceError) => void): void;
}
interface DeviceError {
  readonly error: { message: string };
  preventDefault(): void;
}
export interface Adapter {
  readonly info: { vendor: string; device: string; description: string; isFallbackAdapter: boolean };
  readonly limits: Record<string, number>;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

interface TensorData {
  values: tf.BackendValues | null;
  dtype: tf.DataType;
  resource: GpuBuffer;
}

/** What is used of tfjs's WebGPUBackend (4.22). */
export interface WebgpuBackend {
  readonly device: GpuDevice;
  readonly tensorMap: { get(dataId: object): TensorData };
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number): GpuBuffer;
    releaseBuffer(buffer: GpuBuffer): void;
  };
  commandEncoder: { copyBufferToBuffer(from: GpuBuffer, a: number, to: GpuBuffer, b: number, size: number): void };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  /** Products with fewer workgroups than this are split further. */
  readonly thresholdToIncreaseWorkgroups: number;
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms?: { type: string; data: number[] }[],
  ): tf.TensorInfo;
  readSync(dataId: object): tf.BackendValues;
  disposeData(dataId: object): boolean;
}

/** GPUBufferUsage.COPY_DST | MAP_READ, and GPUMapMode.READ. */
const STAGING = 0x8 | 0x1;
const READ = 1;

type Tick = () => void;
const waiting = new Set<Tick>();
let watched = false;

/**
 * Notes the turns of the event loop that Dawn asks for, so that `readSynchronously` can give it them early: native code
 * that asks for a setImmediate without arguments. Each still runs once. Safe to call more than once.
 */
export function watchTicks(): void {
  if (watched) return;
  watched = true;
  const stock = globalThis.setImmediate;
  const watching = (callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate => {
    if (args.length > 0 || !isNative(callback)) return stock(callback, ...args);
    waiting.add(callback);
    return stock(() => runTick(callback));
  };
  globalThis.setImmediate = Object.assign(watching, stock) as typeof setImmediate;
}

const isNative = (callback: unknown): boolean => /\{ \[native code\] \}$/.test(String(callback));

function runTick(tick: Tick): void {
  if (waiting.delete(tick)) tick();
}

let deviceError: string | undefined;

/** Keeps the first error of a shader or call that the device refused; the next read throws it. */
export function watchErrors(device: GpuDevice): void {
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    deviceError ??= event.error.message;
  });
}

/**
 * Gives the backend a synchronous read (dataSync), which its own can do in a browser only: the values are copied to a
 * buffer that can be mapped, and Dawn gets its turns until it is.
 */
export function readSynchronously(backend: WebgpuBackend): void {
  backend.readSync = (dataId) => {
    const entry = backend.tensorMap.get(dataId);
    if (entry.values !== null && entry.values !== undefined) return entry.values;
    if (entry.dtype === 'complex64' || entry.dtype === 'string')
      throw new Error(`${entry.dtype} tensors stay off webgpu`);
    const staging = backend.bufferManager.acquireBuffer(entry.resource.size, STAGING);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(entry.resource, 0, staging, 0, entry.resource.size);
    backend.submitQueue();
    let failure: unknown;
    staging.mapAsync(READ).catch((error: unknown) => {
      failure = error;
    });
    while (staging.mapState === 'pending') for (const tick of [...waiting]) runTick(tick);
    if (staging.mapState !== 'mapped')
      throw new Error(`the device did not give its values back (${failure ?? 'lost'})`);
    if (deviceError !== undefined) throw new Error(`the WebGPU device refused work: ${deviceError}`);
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    backend.bufferManager.releaseBuffer(staging);
    entry.values = tf.util.convertBackendValuesAndArrayBuffer(bytes, entry.dtype);
    return entry.values;
  };
}
