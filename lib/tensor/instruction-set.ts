import { readFileSync } from 'node:fs';

/** Vector instructions that the native kernels are chosen by, widest first, as Linux names them. */
const VECTOR_FLAGS = ['avx512f', 'avx2', 'avx', 'sve', 'asimd'];

/**
 * Processor kind as far as results depend on it, e.g. `linux-x64-avx2`: the native library picks its kernels, and with
 * them the order of its sums, by the widest vector instructions there are.
 */
export function processorKind(): string {
  const machine = `${process.platform}-${process.arch}`;
  const flags = processorFlags();
  const widest = VECTOR_FLAGS.find((flag) => flags.has(flag));
  return widest === undefined ? machine : `${machine}-${widest}`;
}

function processorFlags(): Set<string> {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set(line?.[1]?.trim().split(/\s+/));
  } catch {
    return new Set(); // not Linux: the architecture has to do
  }
}
