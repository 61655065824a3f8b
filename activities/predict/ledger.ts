import type { Answer } from './answers.js';
import { SOURCES, type SourceName } from './sources/source.js';

/** What one source has given and cost. */
export interface SourceAccount {
  source: SourceName;
  /** Candidates that it was asked for, those that came to nothing too. */
  proposed: number;
  /** Of these, relaxed to a sane minimum. */
  relaxed: number;
  /** Of these, given up at a rung because others were far lower. */
  stopped: number;
  /** Distinct structures among what they ended in. */
  distinct: number;
  /** eV/atom of the lowest of these; null when there is none. */
  bestEnergyPerAtom: number | null;
  /** Atoms times energy evaluations in relaxations: cost that does not depend on the machine. */
  atomEvaluations: number;
  cpuSeconds: number;
}

type Entry = Pick<SourceAccount, 'proposed' | 'relaxed' | 'stopped' | 'atomEvaluations' | 'cpuSeconds'>;

/** CPU seconds of this process, user and system. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Keeps the account of each source. */
export class Ledger {
  private readonly entries = new Map<SourceName, Entry>();

  of(source: SourceName): Entry {
    let entry = this.entries.get(source);
    if (entry === undefined) {
      entry = { proposed: 0, relaxed: 0, stopped: 0, atomEvaluations: 0, cpuSeconds: 0 };
      this.entries.set(source, entry);
    }
    return entry;
  }

  /** Shares CPU seconds that several sources have used together by their parts. */
  share(seconds: number, parts: ReadonlyMap<SourceName, number>): void {
    const all = [...parts.values()].reduce((sum, x) => sum + x, 0);
    if (all === 0) return;
    for (const [source, part] of parts) this.of(source).cpuSeconds += (seconds * part) / all;
  }

  /** The sources that were asked, in the order of SOURCES. */
  accounts(answers: readonly Answer[]): SourceAccount[] {
    return SOURCES.flatMap((source): SourceAccount[] => {
      const entry = this.entries.get(source);
      if (entry === undefined) return [];
      const own = answers.filter(({ sources }) => sources.has(source)).map(({ energyPerAtom }) => energyPerAtom);
      const bestEnergyPerAtom = own.length === 0 ? null : Math.min(...own);
      return [{ source, ...entry, distinct: own.length, bestEnergyPerAtom }];
    });
  }
}
