import { HALTON_DIMENSIONS, halton } from '../../lib/random/halton.js';
import { Rng } from '../../lib/random/rng.js';
import { SOBOL_DIMENSIONS, sobol } from '../../lib/random/sobol.js';
import { LcomsError } from '../../schemas/errors.js';
import { type Axis, MAXIMUM_TRIALS, type Point, type ResolvedSweep } from '../../schemas/sweep.js';
import { gridOf, gridSize, holds, pathsOf, pieceAt } from './axes.js';

/** Root seeds that each point is tried with; null: the experiment's own. */
export function seedsOf({ seeds }: Pick<ResolvedSweep, 'seeds'>): (number | null)[] {
  return seeds ?? [null];
}

/** Whether points follow from results, so that only their number is known before. */
export function isAdaptive({ search }: Pick<ResolvedSweep, 'search'>): boolean {
  return search.method === 'optimizer';
}

/** Number of points. @throws LcomsError LCOMS_E_SPEC: none, too many (with the count and the limit), or a grid of ranges. */
export function countPoints(spec: ResolvedSweep, file: string): number {
  const { axes, points, search } = spec;
  const limit = Math.floor(MAXIMUM_TRIALS / seedsOf(spec).length);
  const tooMany = (count: string) =>
    new LcomsError(
      'LCOMS_E_SPEC',
      `the sweep has ${count} points${spec.seeds ? ` with ${spec.seeds.length} seeds each` : ''}; a sweep holds at most ${MAXIMUM_TRIALS} trials`,
      { file, path: 'axes', hint: 'Take fewer values, or try some of them: `search: {method: sobol, points: 200}`.' },
    );
  if (points) {
    if (axes.length > 0)
      throw new LcomsError('LCOMS_E_SPEC', 'give points or axes, not both', { file, path: 'points' });
    if (points.length > limit) throw tooMany(String(points.length));
    return points.length;
  }
  if (axes.length === 0 && spec.seeds) return 1;
  if (axes.length === 0)
    throw new LcomsError('LCOMS_E_SPEC', 'nothing varies: give axes, points or seeds', { file, path: 'axes' });
  checkAxes(spec, file);
  if (search.method !== 'grid') {
    if (search.points > limit) throw tooMany(String(search.points));
    return search.points;
  }
  const all = axes.reduce((product, axis) => product * gridSize(axis), 1);
  const conditional = axes.some((axis) => axis.when);
  if (!conditional && all > limit) throw tooMany(String(all));
  // A single axis that is too long would not be walked through in time.
  if (axes.some((axis) => gridSize(axis) > limit)) throw tooMany(`up to ${all}`);
  let count = 0;
  for (const _ of gridPoints(spec)) {
    count += 1;
    if (count > limit) throw tooMany(`over ${limit} (at most ${all})`);
  }
  return count;
}

/** The points of a sweep, in order. An adaptive one has none that are known. */
export function* pointsOf(spec: ResolvedSweep): Generator<Point> {
  if (spec.points) yield* spec.points;
  else if (spec.axes.length === 0) yield {};
  else if (spec.search.method === 'grid') yield* gridPoints(spec);
  else if (spec.search.method !== 'optimizer') {
    for (let i = 0; i < spec.search.points; i++) yield pointFrom(spec, unitPoint(spec, i));
  }
}

/** The point of a place in the unit cube, one coordinate an axis. */
export function pointFrom({ axes, base }: ResolvedSweep, unit: ArrayLike<number>): Point {
  const point: Point = {};
  for (const [j, axis] of axes.entries()) {
    if (holds(axis, base, point)) Object.assign(point, pieceAt(axis, unit[j] as number));
  }
  return point;
}

function unitPoint({ axes, search }: ResolvedSweep, index: number): ArrayLike<number> {
  if (search.method === 'sobol') return sobol(index, axes.length);
  if (search.method === 'halton') return halton(index, axes.length);
  const seed = search.method === 'random' ? search.seed : 0;
  // An axis more or less leaves the values of the others.
  return axes.map((axis) => Rng.from(`sweep/${seed}/${index}/${pathsOf(axis).join('+')}`).uniform());
}

function* gridPoints({ axes, base }: ResolvedSweep): Generator<Point> {
  const pieces = axes.map(gridOf);
  const from = function* (depth: number, point: Point): Generator<Point> {
    const axis = axes[depth];
    if (axis === undefined) yield point;
    else if (!holds(axis, base, point)) yield* from(depth + 1, point);
    else for (const piece of pieces[depth] as Point[]) yield* from(depth + 1, { ...point, ...piece });
  };
  yield* from(0, {});
}

function checkAxes({ axes, search }: ResolvedSweep, file: string): void {
  const fail = (message: string, i: number, key = '') =>
    new LcomsError('LCOMS_E_SPEC', message, { file, path: `axes[${i}]${key}` });
  const set = new Map<string, Axis>();
  for (const [i, axis] of axes.entries()) {
    if ('range' in axis) {
      if (search.method === 'grid' && axis.steps === undefined && !axis.integer)
        throw fail(`a grid needs to know how many values ${axis.path} takes: give steps, or another search`, i);
    } else if (gridSize(axis) === 0) throw fail('the grid is empty: this axis has no values', i);
    for (const path of pathsOf(axis)) {
      const other = set.get(path);
      // Two axes may share a path where their conditions exclude each other; which one holds is seen at each point.
      if (other && (!axis.when || !other.when)) throw fail(`two axes set ${path}`, i);
      set.set(path, axis);
    }
  }
  const dimensions = search.method === 'sobol' ? SOBOL_DIMENSIONS : HALTON_DIMENSIONS;
  if ((search.method === 'sobol' || search.method === 'halton') && axes.length > dimensions)
    throw new LcomsError('LCOMS_E_SPEC', `${search.method} covers at most ${dimensions} axes, not ${axes.length}`, {
      file,
      path: 'search.method',
      hint: 'Zip axes, or take `method: random`.',
    });
}
