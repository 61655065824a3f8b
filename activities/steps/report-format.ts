/** How the methods that a spec does not name are called. */
const TITLES: Readonly<Record<string, string>> = { lcom: 'search', start: 'relaxed start' };

export const titleOf = (method: string): string => TITLES[method] ?? method;

/** Whole meV/atom. */
export const meV = (value: number | null | undefined): string =>
  value == null ? '-' : Math.abs(value) >= 9999.5 ? '>9999' : value.toFixed(0).replace(/^-0$/, '0');

/** A count, or a mean of counts with its standard deviation. */
export function withSpread(mean: number, deviation: number | undefined): string {
  return deviation === undefined ? String(mean) : `${mean.toFixed(1)}+-${deviation.toFixed(1)}`;
}

/** Columns padded to one width; the first two to the left, the rest to the right. */
export function aligned(lines: readonly string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  return lines.map((line) =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
