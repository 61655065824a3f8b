import { writeCrystals } from '../../lib/crystal/io/write.js';
import type { NamedBytes } from '../../plugins/contract/context.js';
import { cpuBudgetsInWords } from '../dag/search-budget.js';
import { jsonBlob, readJson, type StepFunction } from './context.js';
import { reportCsv } from './report-csv.js';
import { type GroupSummary, type Groups, groupMetrics, groupTable, summariseGroups } from './report-groups.js';
import { reportParquet } from './report-parquet.js';
import { publishedTable } from './report-published.js';
import { type RandomStarts, randomStartCurve, randomStartTable } from './report-random-starts.js';
import { lowest, type MethodSummary, summarise } from './report-summary.js';
import { compoundTable, methodTable } from './report-table.js';
import { inWords } from './report-words.js';
import type { ScoreRow } from './score-row.js';
import type { Truth } from './truth.js';

/**
 * The results of a run: results.json, results.csv and results.parquet (every candidate), table.txt (for people) and one
 * CIF a compound (the best answer of the first method). Holds no times, so that equal runs give equal bytes.
 */
export const report: StepFunction = async (context) => {
  const {
    compounds,
    methods = ['lcom'],
    testOnly = [],
    cpuBudgets = {},
    groups = {},
  } = context.node.options as unknown as {
    compounds: string[];
    methods?: string[];
    testOnly?: string[];
    cpuBudgets?: Record<string, number>;
    groups?: Groups;
  };
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const sources = [...context.inputs('scores'), ...context.inputs('baselines')];
  const rows = (await Promise.all(sources.map((s) => readJson<ScoreRow[]>(context, s, 'scores.json')))).flat();
  const order = new Map(compounds.map((formula, i) => [formula, i]));
  rows.sort((a, b) => (order.get(a.formula) ?? 0) - (order.get(b.formula) ?? 0));
  const summary = summarise(rows, compounds, methods);
  const byGroup = summariseGroups(rows, groups, methods);
  const curve = randomStartCurve(rows, compounds);
  const found = compounds.map((formula) =>
    lowest(rows.filter((r) => r.formula === formula && r.method === methods[0])),
  );
  const cifs = found.flatMap((row): NamedBytes[] =>
    row?.crystal
      ? [
          {
            // Sm(PRu)2 gives Sm_PRu_2.cif.
            name: `${row.formula.replace(/[^A-Za-z0-9]/g, '_')}.cif`,
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
        ...(Object.keys(cpuBudgets).length > 0 ? { cpuBudgets } : {}),
        ...scorer,
        truth: truthTable(truth),
        summary,
        ...(byGroup.length > 0 ? { groups, byGroup } : {}),
        randomStarts: curve,
        rows,
      }),
      { name: 'results.csv', bytes: Buffer.from(reportCsv(rows)) },
      { name: 'results.parquet', bytes: reportParquet(rows) },
      {
        name: 'table.txt',
        bytes: Buffer.from(
          [
            ...notResults(testOnly),
            ...notTheSame(cpuBudgets),
            ...table(rows, compounds, truth, { summary, byGroup, curve }),
          ].join('\n'),
        ),
      },
      ...cifs,
    ],
    metrics: { ...flat(summary), ...groupMetrics(byGroup) },
  };
};

/** Above all, where plugins for tests only were used, that these are no results. */
const notResults = (testOnly: readonly string[]): string[] =>
  testOnly.length > 0 ? [`NOT RESULTS: made with ${testOnly.join(', ')}, which is for tests only.`, ''] : [];

/** Where a search ended by CPU time, that another run may find something else. */
const notTheSame = (cpuBudgets: Readonly<Record<string, number>>): string[] =>
  Object.keys(cpuBudgets).length > 0
    ? [`Searches had ${cpuBudgetsInWords(cpuBudgets)}: another run may give other results.`, '']
    : [];

/** The results for people: a line a compound, counts per method, and what they say in words. */
function table(
  rows: readonly ScoreRow[],
  compounds: readonly string[],
  truth: Truth,
  {
    summary,
    byGroup,
    curve,
  }: { summary: readonly MethodSummary[]; byGroup: readonly GroupSummary[]; curve: readonly RandomStarts[] },
): string[] {
  const { name, version } = truth.scorer;
  const replicates = Math.max(...summary.map((s) => s.replicates));
  return [
    `First try per compound. Energies in meV/atom above the lowest known structure, all by ${name} ${version};`,
    'match: StructureMatcher (ltol 0.3, stol 0.5, angle 10) after relaxation, no guard tripped; paper: (E - E*)/|E*| <= 0.20 as decoded.',
    '',
    ...compoundTable(
      rows,
      compounds,
      truth,
      summary.map((s) => s.method),
    ),
    '',
    ...(replicates > 1 ? [`Means and standard deviations over ${replicates} replicates.`] : []),
    ...methodTable(summary),
    '',
    ...groupTable(byGroup),
    ...randomStartTable(curve),
    ...publishedTable(summary, compounds),
    ...inWords(summary),
    '',
  ];
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
  for (const { method, spread, ...numbers } of summary) {
    for (const [name, value] of Object.entries(numbers)) out[`${method}.${name}`] = value;
    for (const [name, value] of Object.entries(spread)) out[`${method}.${name}.sd`] = value;
  }
  return out;
}
