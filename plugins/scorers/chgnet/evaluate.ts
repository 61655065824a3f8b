import { type Evaluation, GPA_PER_EV_A3 } from '../../../lib/scoring/evaluation.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { feedsOf } from './feeds.js';
import { ATOM_CUTOFF, buildGraph, type CrystalGraph } from './graph.js';
import type { ChgnetSession } from './session.js';

/**
 * Energies, forces and stresses of crystals with one model.
 *
 * The model runs once a crystal: in one call for several, the native runtime rounds differently according to what else
 * is in the batch, and a crystal's energy must not depend on its neighbours in a list. That costs about a quarter of the
 * time for cells of 2 to 8 atoms.
 */
export async function evaluateChgnet(
  session: ChgnetSession,
  crystals: readonly Crystal[],
): Promise<(Evaluation | LcomsError)[]> {
  const results: (Evaluation | LcomsError)[] = [];
  for (const crystal of crystals) {
    try {
      requireKnownElements(crystal, session.elements);
      results.push(await evaluateOne(session, buildGraph(crystal)));
    } catch (error) {
      if (!(error instanceof LcomsError)) throw error;
      results.push(error);
    }
  }
  return results;
}

async function evaluateOne(session: ChgnetSession, graph: CrystalGraph): Promise<Evaluation> {
  if (graph.source.length === 0) {
    throw new LcomsError('LCOMS_E_CRYSTAL', `No two atoms are within ${ATOM_CUTOFF} A: CHGNet has nothing to judge.`);
  }
  const { energy, gradient } = await session.run(feedsOf(graph));
  return derivatives(graph, energy[0] as number, gradient);
}

function requireKnownElements(crystal: Crystal, known: ReadonlySet<string>): void {
  const unknown = [...new Set(crystal.species)].filter((symbol) => !known.has(symbol));
  if (unknown.length > 0) {
    throw new LcomsError(
      'LCOMS_E_ELEMENT_UNKNOWN',
      `CHGNet does not know ${unknown.join(', ')}; it knows ${[...known].join(' ')}.`,
    );
  }
}

/** Forces and stress from the energy's derivative by edge vectors: an edge points from its target's image to its source. */
function derivatives(graph: CrystalGraph, energy: number, gradient: Float32Array): Evaluation {
  const forces = new Float64Array(3 * graph.atoms);
  const stress = new Float64Array(9);
  const { source, target, vectors } = graph;
  for (let e = 0; e < source.length; e++) {
    const i = 3 * (source[e] as number);
    const j = 3 * (target[e] as number);
    for (let k = 0; k < 3; k++) {
      const g = gradient[3 * e + k] as number;
      forces[i + k] = (forces[i + k] as number) - g;
      forces[j + k] = (forces[j + k] as number) + g;
      for (let l = 0; l < 3; l++)
        stress[3 * l + k] = (stress[3 * l + k] as number) + (vectors[3 * e + l] as number) * g;
    }
  }
  const scale = GPA_PER_EV_A3 / graph.volume;
  for (let k = 0; k < 9; k++) stress[k] = (stress[k] as number) * scale;
  return { energy, forces, stress };
}
