import type { Composition, Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { reducedComposition } from './composition.js';
import { covalentRadius, elementData } from './element-data.js';

/** How unlike two elements are: steps in group and row, and difference in Pauling electronegativity. 0 for the same. */
export function elementDistance(a: string, b: string): number {
  if (a === b) return 0;
  const p = elementData(a);
  const q = elementData(b);
  const group = Math.min(Math.abs((p.group ?? 9) - (q.group ?? 9)), 6);
  const electronegativity = Math.abs((p.electronegativity ?? 2) - (q.electronegativity ?? 2));
  return 0.5 * group + 0.5 * Math.abs(p.row - q.row) + 2 * electronegativity;
}

export interface Substitution {
  /** Element of the template -> element of the target. */
  replace: Record<string, string>;
  /** Sum over the atoms of a formula unit of the distances of the elements replaced. */
  cost: number;
}

/** Whether two compositions have as many elements in the same proportions. */
function sameStoichiometry(a: Composition, b: Composition): boolean {
  const [m, n] = [a, b].map((composition) => Object.values(composition).sort((p, q) => p - q)) as [number[], number[]];
  return (
    m.length === n.length && m.every((count, i) => count * (n[0] as number) === (n[i] as number) * (m[0] as number))
  );
}

/**
 * Every way to write `target` into a crystal of composition `template`, cheapest first: elements with equal counts in the
 * reduced formula trade places. Empty when the stoichiometries differ (AX and AX2).
 */
export function substitutions(template: Composition, target: Composition): Substitution[] {
  if (!sameStoichiometry(template, target)) return [];
  const from = Object.entries(reducedComposition(template));
  const to = Object.entries(reducedComposition(target));
  const found: Substitution[] = [];
  const assign = (i: number, replace: Record<string, string>, cost: number): void => {
    const entry = from[i];
    if (!entry) {
      found.push({ replace, cost });
      return;
    }
    const [element, count] = entry;
    for (const [candidate, wanted] of to) {
      if (wanted !== count || Object.values(replace).includes(candidate)) continue;
      assign(i + 1, { ...replace, [element]: candidate }, cost + count * elementDistance(element, candidate));
    }
  };
  assign(0, {}, 0);
  return found.sort((a, b) => a.cost - b.cost);
}

/** The cheapest of {@link substitutions}; null when there is none. */
export function bestSubstitution(template: Composition, target: Composition): Substitution | null {
  return substitutions(template, target)[0] ?? null;
}

/**
 * The template with its elements replaced, and its volume scaled by the sums of cubed covalent radii.
 * @param replace element -> element (those not named stay), or the element of the i-th site
 */
export function substitute(
  template: Crystal,
  replace: Readonly<Record<string, string>> | ((element: string, site: number) => string),
): Crystal {
  const to = typeof replace === 'function' ? replace : (element: string) => replace[element] ?? element;
  const species = template.species.map(to);
  const size = (elements: readonly string[]) => elements.reduce((sum, e) => sum + covalentRadius(e) ** 3, 0);
  const scale = Math.cbrt(size(species) / size(template.species));
  const lattice = template.lattice.map((row) => row.map((x) => x * scale) as Vec3) as Mat3;
  return { lattice, species, frac: template.frac.map((f) => [...f] as Vec3) };
}
