import { defineCommand } from 'citty';
import { compositionOf, reducedFormula } from '../lib/crystal/composition.js';
import { maxForce } from '../lib/scoring/evaluation.js';
import { LcomsError } from '../schemas/errors.js';
import { CRYSTAL_FILES, type FileCrystal, readCrystalFiles } from './crystal-files.js';
import { openScorer, SCORER_OPTIONS } from './open-scorer.js';
import { table } from './output.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Crystals that are evaluated between two lines of output. */
const TOGETHER = 16;

const command = defineCommand({
  meta: { name: 'score', description: 'Energy and largest force of crystals, as they are' },
  args: {
    ...CRYSTAL_FILES,
    ...SCORER_OPTIONS,
    ...JSON_OPTION,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const rows = await readCrystalFiles(args._);
    const scorer = await openScorer(args.scorer, args.with, output);
    let bad = 0;
    const people: string[][] = [
      ['file', 'index', 'formula', 'atoms', 'eV/atom', 'eV/A'].map((t) => output.style('bold', t)),
    ];
    for (let at = 0; at < rows.length; at += TOGETHER) {
      for (const scored of await scoreTogether(rows.slice(at, at + TOGETHER), scorer)) {
        if ('error' in scored) bad += 1;
        if (output.json) output.document(scored, 0);
        else if ('error' in scored)
          people.push([scored.file, String(scored.index), `${scored.error.code}: ${scored.error.message}`]);
        else {
          const { file, index, formula, atoms, energyPerAtom, maxForce: force } = scored;
          people.push([file, String(index), formula, String(atoms), energyPerAtom.toFixed(4), force.toFixed(4)]);
        }
      }
    }
    if (!output.json)
      output.say(`${table(people, [1, 3, 4, 5])}\n\nby ${scorer.identity.name} ${scorer.identity.version}`);
    await scorer.dispose();
    return bad === 0 ? 0 : 2;
  },
});

type Scored =
  | { file: string; index: number; error: { code: string; message: string } }
  | {
      file: string;
      index: number;
      formula: string;
      atoms: number;
      energyPerAtom: number;
      maxForce: number;
      scorer: Awaited<ReturnType<typeof openScorer>>['identity'];
    };

async function scoreTogether(
  rows: readonly FileCrystal[],
  scorer: Awaited<ReturnType<typeof openScorer>>,
): Promise<Scored[]> {
  const crystals = rows.flatMap(({ crystal }) => crystal ?? []);
  const evaluations = (await scorer.evaluate(crystals)).values();
  return rows.map(({ file, index, crystal, error }): Scored => {
    if (crystal === undefined)
      return { file, index, error: error ?? { code: 'LCOMS_E_CRYSTAL', message: 'no crystal' } };
    const evaluation = evaluations.next().value;
    if (evaluation === undefined || evaluation instanceof LcomsError) {
      const { code, message } = evaluation ?? new LcomsError('LCOMS_E_INTERNAL', 'the scorer gave no answer');
      return { file, index, error: { code, message } };
    }
    const atoms = crystal.species.length;
    const formula = reducedFormula(compositionOf(crystal.species));
    return {
      file,
      index,
      formula,
      atoms,
      energyPerAtom: evaluation.energy / atoms,
      maxForce: maxForce(evaluation.forces),
      scorer: scorer.identity,
    };
  });
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms score found.cif', 'energy by CHGNet (r2SCAN)'],
    ["lcoms score *.cif --json | jq -s 'sort_by(.energyPerAtom)'", 'ranked'],
    ["lcoms score POSCAR --with '{model: 0.3.0}'", 'by the other weights'],
  ],
  notes: ['Exit code 2 when a crystal could not be read or scored; the others are printed all the same.'],
};
