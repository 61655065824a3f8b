import os from 'node:os';

/** What a result may depend on of the machine that made it. */
export interface Machine {
  cpu: string;
  /** Cores that this process may use. */
  cores: number;
  /** GiB. */
  memory: number;
  /** e.g. `linux-x64`, and the kernel's release. */
  platform: string;
  os: string;
}

export function thisMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() || 'unknown',
    cores: os.availableParallelism(),
    memory: Math.round(os.totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    os: `${os.type()} ${os.release()}`,
  };
}

/** `AMD EPYC, 2 cores, linux-x64` */
export function machineText(
  { cpu, cores, platform }: Pick<Machine, 'cpu' | 'cores' | 'platform'> = thisMachine(),
): string {
  return `${cpu}, ${cores} cores, ${platform}`;
}
