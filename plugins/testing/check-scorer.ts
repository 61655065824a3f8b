import { toCartesian, toFractional, volume } from '../../lib/crystal/lattice.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../lib/scoring/evaluation.js';
import type { Crystal, Vec3 } from '../../schemas/crystal.js';
import { atomicNumber, ELEMENTS } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';
import { sameScorer, scorerIdentitySchema } from '../../schemas/score.js';
import type { Scorer } from '../contract/scorer.js';
import { type Checks, demand, skip } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import { doubled, reversed, rotated, stretched, translated } from './moved-crystals.js';
import type { TestContextOptions } from './test-context.js';
import { toyCrystals } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<Scorer>;
/** Whatever gives energies, forces and stress. */
type Evaluator = Pick<Scorer, 'evaluate'>;

/** Energies of the same crystal may differ by this much, eV/atom. */
const SAME_ENERGY = 1e-4;
/** Displacement of an atom for finite differences, A. */
const STEP = 0.01;
const STRAIN = 2e-3;

export async function checkScorer(checks: Checks, create: Create, crystals: Crystal[] = toyCrystals()): Promise<void> {
  const scorer = await checks.run('a scorer says who it is and which elements it knows', async () => {
    const made = await create({});
    scorerIdentitySchema.parse(made.identity);
    demand(made.elements.size > 0, 'it knows no element');
    for (const e of made.elements) demand(atomicNumber(e) !== undefined, `"${e}" is no element symbol`);
    return made;
  });
  if (!scorer) return;
  const known = crystals.filter(({ species }) => species.every((e) => scorer.elements.has(e))).slice(0, 4);
  const evaluated = await checks.run('evaluations are finite and of the right length', async () => {
    if (known.length === 0) skip('it knows the elements of none of the crystals: give it some in fixtures.crystals');
    const found = await unchanged(known, () => scorer.evaluate(known));
    demand(found.length === known.length, `${found.length} results for ${known.length} crystals`);
    return found.map((result, i) => checkEvaluation(result, known[i] as Crystal));
  });
  if (evaluated) {
    await checks.run('same crystals, same bytes', async () => {
      const again = await scorer.evaluate(known);
      demand(fingerprint(again) === fingerprint(evaluated), 'two evaluations of the same crystals differ');
    });
    await checks.run('energies do not change by translation, permutation, rotation and in a supercell', async () => {
      for (const [what, move] of Object.entries({ translated, reversed, rotated, doubled })) {
        const moved = known.map((c) => move(c));
        (await scorer.evaluate(moved)).forEach((result, i) => {
          const [a, b] = [known[i], moved[i]] as [Crystal, Crystal];
          const before = (evaluated[i] as Evaluation).energy / a.species.length;
          const after = checkEvaluation(result, b).energy / b.species.length;
          const off = Math.abs(after - before);
          demand(off < SAME_ENERGY, `${a.species.join('')} ${what}: ${off.toPrecision(2)} eV/atom apart`);
        });
      }
    });
    const crystal = shaken(known[0] as Crystal);
    await checks.run('forces are -dE/dx', () => checkForces(scorer, crystal));
    await checks.run('stress is dE/dstrain over the volume', () => checkStress(scorer, crystal));
    await checks.run('a crystal that it cannot score is an error of its own', () => checkUnknown(scorer, known));
  }
  await checks.run('a second opinion is of another model', async () => {
    const second = await scorer.secondOpinion();
    if (second === null) skip('the scorer has none');
    demand(!sameScorer(second.identity, scorer.identity), 'the second opinion is the scorer itself');
    await second.dispose();
  });
  await checks.run('a scorer can be disposed of', () => scorer.dispose());
}

function checkEvaluation(result: Evaluation | LcomsError | undefined, { species }: Crystal): Evaluation {
  const name = species.join('');
  demand(result !== undefined, `${name}: no result`);
  if (result instanceof LcomsError) throw new Error(`${name}: ${result.message}`);
  demand(result.forces.length === 3 * species.length, `${name}: ${result.forces.length} force components`);
  demand(result.stress.length === 9, `${name}: ${result.stress.length} stress components`);
  const numbers = [result.energy, ...result.forces, ...result.stress];
  demand(numbers.every(Number.isFinite), `${name}: a value is not finite`);
  return result;
}

/** The last atom moved off its site, where symmetry would hide a wrong sign. */
export function shaken(crystal: Crystal): Crystal {
  const frac = crystal.frac.map(
    ([x, y, z], i): Vec3 => (i + 1 < crystal.frac.length ? [x, y, z] : [x + 0.06, y + 0.02, z - 0.03]),
  );
  return { ...crystal, frac };
}

async function evaluation(scorer: Evaluator, crystal: Crystal): Promise<Evaluation> {
  return checkEvaluation((await scorer.evaluate([crystal]))[0], crystal);
}

async function energies(scorer: Evaluator, crystals: Crystal[]): Promise<number[]> {
  const found = await scorer.evaluate(crystals);
  return crystals.map((crystal, i) => checkEvaluation(found[i], crystal).energy);
}

export async function checkForces(scorer: Evaluator, crystal: Crystal): Promise<void> {
  const { forces } = await evaluation(scorer, crystal);
  const displaced = (component: number, by: number): Crystal => {
    const cart = toCartesian(crystal.frac, crystal.lattice);
    const atom = cart[Math.floor(component / 3)] as Vec3;
    atom[component % 3] = (atom[component % 3] as number) + by;
    return { ...crystal, frac: toFractional(cart, crystal.lattice) };
  };
  const e = await energies(
    scorer,
    [...forces].flatMap((_, i) => [displaced(i, STEP), displaced(i, -STEP)]),
  );
  forces.forEach((force, i) => {
    const slope = -((e[2 * i] as number) - (e[2 * i + 1] as number)) / (2 * STEP);
    const off = Math.abs(force - slope);
    demand(
      off < 0.005 + 0.03 * Math.abs(slope),
      `component ${i} is ${force.toPrecision(4)} eV/A, energies say ${slope.toPrecision(4)}`,
    );
  });
}

export async function checkStress(scorer: Evaluator, crystal: Crystal): Promise<void> {
  const { stress } = await evaluation(scorer, crystal);
  const [up, down] = (await energies(scorer, [stretched(crystal, STRAIN), stretched(crystal, -STRAIN)])) as [
    number,
    number,
  ];
  const slope = (((up - down) / (2 * STRAIN)) * GPA_PER_EV_A3) / volume(crystal.lattice);
  const off = Math.abs((stress[0] as number) - slope);
  demand(
    off < 0.3 + 0.05 * Math.abs(slope),
    `xx is ${stress[0]?.toPrecision(4)} GPa, energies say ${slope.toPrecision(4)}`,
  );
}

/** An element outside the scorer's gives LCOMS_E_ELEMENT_UNKNOWN in its place and leaves its neighbours as they were. */
async function checkUnknown(scorer: Scorer, known: Crystal[]): Promise<void> {
  const unknown = ELEMENTS.slice(1).find((e) => !scorer.elements.has(e));
  if (unknown === undefined) skip('it knows every element');
  const first = known[0] as Crystal;
  const stranger = { ...first, species: first.species.map(() => unknown) };
  const [before, error, after] = await scorer.evaluate([first, stranger, first]);
  demand(error instanceof LcomsError, `${unknown} is not among its elements, yet it scores it`);
  demand(error.code === 'LCOMS_E_ELEMENT_UNKNOWN', `the error for ${unknown} is ${error.code}`);
  checkEvaluation(before, first);
  checkEvaluation(after, first);
}
