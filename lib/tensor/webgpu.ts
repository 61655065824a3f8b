import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { PACKAGE_ROOT } from '../package-root.js';
import type { LoadedBackend } from './backend.js';
import { tf } from './tf.js';
import { registerWebgpuKernels } from './webgpu-kernels.js';
import {
  type Adapter,
  type GpuDevice,
  readSynchronously,
  type WebgpuBackend,
  watchErrors,
  watchTicks,
} from './webgpu-read.js';

const require = createRequire(import.meta.url);

/** The Dawn binding: https://www.npmjs.com/package/webgpu. */
interface Dawn {
  create(options: string[]): { requestAdapter(options: object): Promise<Adapter | null> };
  globals: Record<string, unknown>;
}

interface BackendModule {
  WebGPUBackend: new (device: GpuDevice, info: Adapter['info']) => WebgpuBackend;
}

/** The two files of the backend, and the version of each. */
interface Files {
  dawn: string;
  backend: string;
  version: string;
}

/** infra/setup/tool-cache.mjs: plain JavaScript, because set-up runs before the compile. */
interface ToolCache {
  pins: { webgpu: { package: string; version: string; backend: { version: string } } };
  entryName(pin: { package: string; version: string }): string;
  findCached(name: string, file: string): string | null;
}

/** Dawn lives as long as it is referred to, and the device as long as Dawn. */
const kept: unknown[] = [];

/**
 * Loads tfjs's WebGPU backend over Dawn (Vulkan, Metal or Direct3D 12) and selects it. Throws an Error whose message is
 * the reason when it is not set up, finds no device, or only a software one and `software` is false.
 */
export async function loadWebgpu({ software }: { software: boolean }): Promise<LoadedBackend> {
  const files = await findFiles();
  if (files === null) throw new Error('it is not set up (npm run setup -- --webgpu)');
  watchTicks(); // before Dawn asks for its first turn of the event loop
  const { create, globals } = require(files.dawn) as Dawn;
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('no Vulkan, Metal or Direct3D 12 device');
  const { device, vendor, description } = adapter.info;
  const isSoftware =
    adapter.info.isFallbackAdapter || /llvmpipe|swiftshader|software/i.test(`${device} ${description}`);
  const label = `${device || description || vendor}${isSoftware ? ' (software)' : ''}`;
  if (isSoftware && !software) throw new Error(`only a software device: ${label}`);
  kept.push(gpu);
  tf.enableProdMode();
  const backend = await makeBackend(loadModule(files.backend, gpu, globals), adapter);
  tf.registerBackend('webgpu', () => backend as unknown as tf.KernelBackend);
  if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend did not start');
  registerWebgpuKernels(backend.device.limits['maxStorageBuffersPerShaderStage'] ?? 8);
  return { version: files.version, threads: 1, device: label, variant: `${label} ${description}`.trim() };
}

async function makeBackend({ WebGPUBackend }: BackendModule, adapter: Adapter): Promise<WebgpuBackend> {
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits['maxComputeWorkgroupStorageSize'],
      maxComputeWorkgroupsPerDimension: limits['maxComputeWorkgroupsPerDimension'],
      maxStorageBufferBindingSize: limits['maxStorageBufferBindingSize'],
      maxBufferSize: limits['maxBufferSize'],
      maxComputeWorkgroupSizeX: limits['maxComputeWorkgroupSizeX'],
      maxComputeInvocationsPerWorkgroup: limits['maxComputeInvocationsPerWorkgroup'],
    },
  });
  const backend = new WebGPUBackend(device, adapter.info);
  watchErrors(device);
  readSynchronously(backend);
  return backend;
}

/**
 * The module, wherever it lies, with our `require`, so that there is one tfjs-core, and with what it takes for the
 * browser's globals. It sees `navigator.gpu` only once it is loaded: it would register a backend of its own otherwise.
 */
function loadModule(file: string, gpu: object, globals: Record<string, unknown>): BackendModule {
  const module = { exports: {} };
  const navigator: { gpu?: object } = {};
  const scope: Record<string, unknown> = {
    ...globals,
    module,
    exports: module.exports,
    require,
    globalThis: Object.create(globalThis, { navigator: { value: navigator } }) as unknown,
  };
  const run = vm.compileFunction(readFileSync(file, 'utf8'), Object.keys(scope), { filename: file }) as (
    ...values: unknown[]
  ) => void;
  run(...Object.values(scope));
  navigator.gpu = gpu;
  return module.exports as BackendModule;
}

async function findFiles(): Promise<Files | null> {
  const installed = installedFiles();
  if (installed !== null) return installed;
  const url = pathToFileURL(path.join(PACKAGE_ROOT, 'infra', 'setup', 'tool-cache.mjs')).href;
  const { pins, entryName, findCached } = (await import(url)) as ToolCache;
  const entry = entryName(pins.webgpu);
  const dawn = findCached(entry, 'dawn.node');
  const backend = findCached(entry, 'tf-backend-webgpu.node.js');
  if (dawn === null || backend === null) return null;
  return { dawn, backend, version: `${pins.webgpu.backend.version} (Dawn ${pins.webgpu.version})` };
}

/** The user's own: both packages in node_modules. */
function installedFiles(): Files | null {
  const [dawn, backend] = ['webgpu', '@tensorflow/tfjs-backend-webgpu'].map((name) => {
    for (const folder of require.resolve.paths(name) ?? []) {
      const manifest = path.join(folder, name, 'package.json');
      if (!existsSync(manifest)) continue;
      return { folder: path.dirname(manifest), version: (require(manifest) as { version: string }).version };
    }
    return null;
  });
  if (!dawn || !backend) return null;
  const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
  return {
    dawn: path.join(dawn.folder, 'dist', platform, 'dawn.node'),
    backend: path.join(backend.folder, 'dist', 'tf-backend-webgpu.node.js'),
    version: `${backend.version} (Dawn ${dawn.version})`,
  };
}
