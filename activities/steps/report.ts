import { writeCrystals } from '../../lib/crystal/io/write.js';
import type { NamedBytes } from '../../plugins/contract/context.js';
import { jsonBlob, readJson, type StepFunction } from './context.js';
import { reportCsv } from './report-csv.js';
import { type MethodSummary, summarise } from './report-summary.js';
import { reportTable } from './report-table.js';
import type { ScoreRow } from './score-row.js';
import type { Truth } from './truth.js';

/**
 * The results of a run: results.json and results.csv (every candidate), table.txt (for people) and one CIF a compound
 * (the best answer of the search). Holds no times, so that equal runs give equal bytes.
 */
export const report: StepFunction = async (context) => {
  const { compounds, testOnly = [] } = context.node.options as unknown as { compounds: string[]; testOnly?: string[] };
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const sources = [...context.inputs('scores'), ...context.inputs('baselines')];
  const rows = (await Promise.all(sources.map((s) => readJson<ScoreRow[]>(context, s, 'scores.json')))).flat();
  const order = new Map(compounds.map((formula, i) => [formula, i]));
  rows.sort((a, b) => (order.get(a.formula) ?? 0) - (order.get(b.formula) ?? 0));
  const summary = summarise(rows, compounds);
  const found = compounds.map((formula) =>
    bestAnswer(rows.filter((r) => r.formula === formula && r.method === 'lcom')),
  );
  const cifs = found.flatMap((row): NamedBytes[] =>
    row?.crystal
      ? [
          {
            name: `${row.formula}.cif`,
            bytes: Buffer.from(writeCrystals([{ ...row.crystal, id: row.formula }], 'cif')),
          },
        ]
      : [],
  );
  const scorer = { scorer: truth.scorer, secondScorer: truth.secondScorer };
  return {
    blobs: [
      jsonBlob('results.json', {
        ...(testOnly.length > 0 ? { testOnly } : {}),
        ...scorer,
        truth: truthTable(truth),
        summary,
        rows,
      }),
      { name: 'results.csv', bytes: Buffer.from(reportCsv(rows)) },
      { name: 'table.txt', bytes: Buffer.from(reportTable(rows, compounds, truth, summary, testOnly)) },
      ...cifs,
    ],
    metrics: flat(summary),
  };
};

/** The answer among the tries: what no guard refuses first, then the lowest relaxed energy. */
function bestAnswer(answers: readonly ScoreRow[]): ScoreRow | undefined {
  const rank = (r: ScoreRow) => (r.flags.length === 0 ? 0 : 1e6) + (r.after?.energyPerAtom ?? 1e5);
  return [...answers].sort((a, b) => rank(a) - rank(b))[0];
}

function truthTable(truth: Truth): Record<string, unknown>[] {
  return truth.compounds.map((c) => ({
    formula: c.formula,
    formationEnergyPerAtom: c.formationEnergyPerAtom,
    structures: c.structures.map(({ name, energyPerAtom, spaceGroup, spaceGroupSymbol }) => ({
      name,
      energyPerAtom,
      spaceGroup,
      spaceGroupSymbol,
    })),
  }));
}

function flat(summary: readonly MethodSummary[]): Record<string, number | null> {
  const out: Record<string, number | null> = {};
  for (const { method, ...numbers } of summary) {
    for (const [name, value] of Object.entries(numbers)) out[`${method}.${name}`] = value;
  }
  return out;
}
