import type { MetricsRow } from '../schemas/metrics.js';

const BARS = '▁▂▃▄▅▆▇█';

/** `█▅▃▂▁`: means of equal shares of the values, lowest to highest; '' for fewer than two finite ones. */
export function sparkline(values: readonly number[], width = 20): string {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length < 2) return '';
  const count = Math.min(width, finite.length);
  const means = Array.from({ length: count }, (_, i) => {
    const share = finite.slice(Math.floor((i * finite.length) / count), Math.floor(((i + 1) * finite.length) / count));
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const least = Math.min(...means);
  const range = Math.max(...means) - least;
  return means.map((mean) => BARS[range === 0 ? 0 : Math.round(((mean - least) / range) * (BARS.length - 1))]).join('');
}

/** The metric that tells most of a training: its loss, by name; null when there are none. */
export function mainMetric(rows: readonly MetricsRow[]): string | null {
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== 'step' && name !== 'epoch');
  for (const pattern of [/(^|[^a-z])(loss|total)$/i, /loss/i, /mse|mae/i])
    for (const name of names) if (pattern.test(name)) return name;
  return names[0] ?? null;
}

/** Values of a metric along the steps that have it. */
export function seriesOf(rows: readonly MetricsRow[], name: string): number[] {
  return rows.flatMap((row) => row[name] ?? []);
}
