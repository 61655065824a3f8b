import type { SourceName } from './sources/source.js';

/** Which sources begin: they answer in a second or two, and are right more often than not. */
export const FIRST: readonly SourceName[] = ['template', 'decoration', 'prototype'];
/** Tries of the beginning, at most half of all. */
const FIRST_TRIES = 8;

/** Who gets the tries after that, again and again. Each mark of a source is a share of the work. */
const CYCLE: readonly SourceName[] = [
  'decoration',
  'walk from decoration',
  'random start',
  'training latent',
  'prior',
  'decoration',
  'symmetric start',
  'template',
  'latent sample',
  'prototype',
  'training latent',
  'prior',
  'symmetric start',
  'walk from random start',
];

/** Deals tries to sources in an order that depends on nothing but how many there are in all. */
export class Schedule {
  private at = 0;

  /** @param sources those that there are */
  constructor(private readonly sources: readonly SourceName[]) {}

  /** Tries of the beginning, shared by the sources in FIRST; `tries` in all. */
  first(tries: number): number {
    return Math.min(FIRST_TRIES, Math.max(1, Math.floor(tries / 2)));
  }

  /** The sources of the next `count` tries. */
  next(count: number): SourceName[] {
    const cycle = CYCLE.filter((name) => this.sources.includes(name));
    return Array.from({ length: count }, () => cycle[this.at++ % cycle.length] as SourceName);
  }

  /** After so many sources in turn have had nothing, none has. */
  get turn(): number {
    return CYCLE.length;
  }
}
