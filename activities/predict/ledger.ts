import type { SourceAccount } from '../../schemas/prediction.js';
import type { Answer } from './answers.js';
import { SOURCES, type SourceName } from './sources/source.js';

type Entry = Pick<SourceAccount, 'proposed' | 'relaxed' | 'stopped' | 'atomEvaluations'>;

/** CPU seconds of this process, user and system. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Keeps the account of each source. */
export class Ledger {
  /** By source. Apart from the accounts, since times are all that differs from one run to the next. */
  readonly cpuSeconds = new Map<SourceName, number>();
  private readonly entries = new Map<SourceName, Entry>();

  of(source: SourceName): Entry {
    let entry = this.entries.get(source);
    if (entry === undefined) {
      entry = { proposed: 0, relaxed: 0, stopped: 0, atomEvaluations: 0 };
      this.entries.set(source, entry);
    }
    return entry;
  }

  spend(source: SourceName, seconds: number): void {
    this.cpuSeconds.set(source, (this.cpuSeconds.get(source) ?? 0) + seconds);
  }

  /** Shares CPU seconds that several sources have used together by their parts. */
  share(seconds: number, parts: ReadonlyMap<SourceName, number>): void {
    const all = [...parts.values()].reduce((sum, x) => sum + x, 0);
    if (all === 0) return;
    for (const [source, part] of parts) this.spend(source, (seconds * part) / all);
  }

  /** The sources that were asked, in the order of SOURCES. */
  accounts(answers: readonly Answer[]): SourceAccount[] {
    return SOURCES.flatMap((source): SourceAccount[] => {
      const entry = this.entries.get(source);
      if (entry === undefined || entry.proposed === 0) return [];
      const own = answers.filter(({ sources }) => sources.has(source)).map(({ energyPerAtom }) => energyPerAtom);
      const bestEnergyPerAtom = own.length === 0 ? null : Math.min(...own);
      return [{ source, ...entry, distinct: own.length, bestEnergyPerAtom }];
    });
  }
}
