import { canonicalCell } from '../../lib/crystal/canonical-cell.js';
import type { CrystalRow } from '../../lib/crystal/io/read.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepFunction } from './context.js';
import { type DatasetInfo, type PreparedCrystal, writeDataset } from './dataset-artifact.js';
import { type Candidate, dropHoles, type FilterOptions, formulaOf, rejection } from './filter-crystals.js';
import { lowestOfFormulas, placeOffMinima, targetsOf } from './off-minima.js';

interface Options extends FilterOptions {
  onBadRow: 'fail' | 'skip';
  validationFraction: number;
  energyTarget: 'auto' | 'formation' | 'above-composition';
  clip: number;
  holdOut: string[];
}

/** Crystals per formula from which energy differences within a formula carry enough information to be the target. */
const POLYMORPHS_FOR_ABOVE = 3;

/**
 * Filters, holds the compounds out, splits by reduced formula (no polymorph leaks), reduces cells, makes targets. Rows that
 * are no minima pass the same filters, and otherwise change nothing for those that are.
 */
export const prepareData: StepFunction = async (context) => {
  const options = context.node.options as unknown as Options;
  const dataset = await context.create('dataset', context.node.plugin);
  const { rows, energy, provenance } = await dataset.load();
  const badRows = rows.flatMap((r) => ('error' in r ? [{ line: r.line, message: r.error.message }] : []));
  if (badRows.length > 0 && options.onBadRow === 'fail')
    throw badRowsError(rows, badRows, rows.find((r) => 'error' in r)?.file ?? context.node.files.file?.name);

  const offRows = rows.filter((r) => 'crystal' in r && r.offMinimum !== undefined).length;
  const counts: Record<string, number> = { rows: rows.length - offRows, badRows: badRows.length };
  const offCounts: Record<string, number> = { rows: offRows };
  const add = (to: Record<string, number>, name: string) => {
    to[name] = (to[name] ?? 0) + 1;
  };
  const holdOut = new Set(options.holdOut);
  const heldOut: Crystal[] = [];
  const sane: Candidate[] = [];
  const offSane: Candidate[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % 200 === 0) {
      context.tick({ done: i, total: rows.length, unit: 'crystals' });
      await new Promise(setImmediate);
      context.signal.throwIfAborted();
    }
    if ('error' in row) continue;
    const value = energy.kind === 'formation' ? row.crystal.formationEnergyPerAtom : row.crystal.energyPerAtom;
    const reason = rejection(row.crystal, value, options);
    const off = row.offMinimum !== undefined;
    if (reason !== null || value === undefined) {
      add(off ? offCounts : counts, reason ?? 'noEnergy');
      continue;
    }
    const crystal = canonicalCell(row.crystal);
    const formula = formulaOf(crystal);
    if (off && holdOut.has(formula)) add(offCounts, 'heldOut');
    else if (holdOut.has(formula)) heldOut.push(crystal);
    else (off ? offSane : sane).push({ crystal, formula, energy: value });
  }
  const { kept, dropped } = dropHoles(sane, options.holeThreshold);
  Object.assign(counts, { holes: dropped, heldOut: heldOut.length, kept: kept.length });
  const formulas = [...new Set(kept.map((c) => c.formula))].sort();
  counts.formulas = formulas.length;
  if (kept.length < 10 || formulas.length < 2) {
    throw new LcomsError(
      'LCOMS_E_DATA_EMPTY',
      `${kept.length} crystals of ${formulas.length} formulas are left of ${rows.length} rows (${summary(counts)})`,
    );
  }

  const target = chooseTarget(options, energy.kind, kept.length / formulas.length);
  const targets = targetsOf(kept, target, lowestOfFormulas(kept), options.clip);
  const forValidation = new Set(
    context.rng
      .fork('split')
      .shuffle(formulas)
      .slice(0, Math.round(options.validationFraction * formulas.length)),
  );
  const prepared = kept.map((c, i): PreparedCrystal => ({ ...c.crystal, target: targets[i] ?? 0 }));
  const train = prepared.filter((_, i) => !forValidation.has(kept[i]?.formula ?? ''));
  const validation = prepared.filter((_, i) => forValidation.has(kept[i]?.formula ?? ''));
  const mean = train.reduce((s, c) => s + c.target, 0) / train.length;
  const std = Math.sqrt(train.reduce((s, c) => s + (c.target - mean) ** 2, 0) / train.length);
  Object.assign(counts, { train: train.length, validation: validation.length });
  const offMinima = placeOffMinima(offSane, { kept, target, forValidation }, options, (why) => add(offCounts, why));
  Object.assign(offCounts, { train: offMinima.train.length, validation: offMinima.validation.length });
  const info: DatasetInfo = {
    energy,
    provenance,
    target,
    targetMean: mean,
    targetStd: Math.max(std, 1e-6),
    counts,
    badRows: badRows.slice(0, 100),
  };
  context.log(summary(counts));
  if (offRows > 0) context.log(`off the minima: ${summary(offCounts)}`);
  return {
    blobs: writeDataset({ info, train, validation, heldOut }, offMinima, offRows > 0 ? offCounts : null),
    metrics: {
      target,
      targetMean: mean,
      targetStd: info.targetStd,
      ...counts,
      ...(offRows > 0 && { offTrain: offMinima.train.length, offValidation: offMinima.validation.length }),
    },
  };
};

function badRowsError(
  rows: readonly CrystalRow[],
  bad: readonly { line: number; message: string }[],
  file: string | undefined,
): LcomsError {
  const first = bad[0];
  const more = bad.slice(1, 4).map((b) => `line ${b.line}: ${b.message}`);
  return new LcomsError(
    'LCOMS_E_DATA_ROWS',
    [`${bad.length} of ${rows.length} rows cannot be read. ${first?.message ?? ''}`, ...more].join('\n  also '),
    {
      ...(file === undefined ? {} : { file }),
      ...(first ? { line: first.line } : {}),
      hint: 'Mend the rows, or set `steps: {prepare-data: {onBadRow: skip}}` to leave them out and count them.',
    },
  );
}

/** Formation energies are compared across chemistry; total energies only within a composition, or as they are. */
function chooseTarget(options: Options, kind: 'formation' | 'total', perFormula: number): DatasetInfo['target'] {
  if (options.energyTarget === 'above-composition') return 'above-composition';
  if (options.energyTarget === 'formation') {
    if (kind === 'formation') return 'formation';
    throw new LcomsError('LCOMS_E_INPUT', 'energyTarget is formation, but the data have total energies', {
      path: 'steps.prepare-data.energyTarget',
      hint: 'Use `above-composition`, or data with formation energies.',
    });
  }
  return kind === 'total' || perFormula >= POLYMORPHS_FOR_ABOVE ? 'above-composition' : 'formation';
}

function summary(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');
}
