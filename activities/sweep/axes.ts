import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import type { Axis, Point } from '../../schemas/sweep.js';
import { valueAt } from './place.js';

/** Paths that an axis sets. */
export function pathsOf(axis: Axis): string[] {
  return 'zip' in axis ? axis.zip.map(({ path }) => path) : [axis.path];
}

/** Values of an axis on a grid, each as a piece of a point. */
export function gridOf(axis: Axis): Point[] {
  if ('zip' in axis) {
    const length = axis.zip[0]?.values.length ?? 0;
    return Array.from({ length }, (_, i) => Object.fromEntries(axis.zip.map(({ path, values }) => [path, values[i]])));
  }
  if ('values' in axis) return axis.values.map((value) => ({ [axis.path]: value }));
  const n = axis.steps ?? (axis.integer ? axis.range[1] - axis.range[0] + 1 : 0);
  const values = Array.from({ length: n }, (_, i) => between(axis, n === 1 ? 0 : i / (n - 1)));
  return [...new Set(axis.integer ? values.map(Math.round) : values)].map((value) => ({ [axis.path]: value }));
}

/** Number of values of an axis on a grid, without making them; at most so many where whole numbers repeat. */
export function gridSize(axis: Axis): number {
  if ('zip' in axis) return axis.zip[0]?.values.length ?? 0;
  if ('values' in axis) return axis.values.length;
  const whole = axis.integer ? axis.range[1] - axis.range[0] + 1 : Number.POSITIVE_INFINITY;
  return Math.min(axis.steps ?? whole, whole);
}

/** The piece of a point at u in [0, 1] of an axis: uniform, log-uniform, whole numbers and choices with equal chances. */
export function pieceAt(axis: Axis, u: number): Point {
  if ('range' in axis) {
    if (!axis.integer) return { [axis.path]: between(axis, u) };
    const [low, high] = axis.range;
    const above = axis.scale === 'log' ? low * ((high + 1) / low) ** u : low + u * (high + 1 - low);
    return { [axis.path]: Math.min(high, Math.floor(above)) };
  }
  const pieces = gridOf(axis);
  return pieces[Math.min(pieces.length - 1, Math.floor(u * pieces.length))] as Point;
}

/** Whether the condition of an axis holds, for the part of the point that stands. */
export function holds(axis: Axis, base: unknown, point: Point): boolean {
  return Object.entries(axis.when ?? {}).every(([path, wanted]) => {
    const value = Object.hasOwn(point, path) ? point[path] : valueAt(base, path);
    const some = Array.isArray(wanted) ? wanted : [wanted];
    return value !== undefined && some.some((one) => canonicalJson(one ?? null) === canonicalJson(value ?? null));
  });
}

function between({ range: [low, high], scale }: Extract<Axis, { range: unknown }>, u: number): number {
  if (u === 0) return low;
  if (u === 1) return high;
  // Twelve digits: the last ones of exp and log differ between machines, and a point must not.
  const value =
    scale === 'log' ? Math.exp(Math.log(low) + u * (Math.log(high) - Math.log(low))) : low + u * (high - low);
  return Number(value.toPrecision(12));
}
