import { titleOf } from '../activities/steps/report-format.js';
import { type Curve, type Estimate, RANGE } from './curves.js';
import { table } from './output.js';

/** curves.csv: a line a group, method and time. */
export function curvesCsv(curves: readonly Curve[]): string {
  const head = 'group,method,cpu_s,hit,hit_low,hit_high,match,match_low,match_high,used_up';
  const lines = curves.flatMap(({ group, method, points }) =>
    points.map(({ seconds, hit, match, usedUp }) =>
      [
        ...[group, method, seconds],
        ...[hit.share, hit.low, hit.high, match.share, match.low, match.high, usedUp].map((x) => x.toFixed(4)),
      ].join(','),
    ),
  );
  return `${[head, ...lines].join('\n')}\n`;
}

/** areas.csv: a line a group and method. */
export function areasCsv(curves: readonly Curve[]): string {
  const head =
    'group,method,compounds,tries,cpu_s_a_try,used_up_cpu_s,training_cpu_s,hit_area,hit_area_se,match_area,match_area_se,hit_area_above_first,hit_area_above_first_se';
  const both = (estimate: Estimate | null): string[] => [
    estimate?.mean.toFixed(4) ?? '',
    estimate?.error?.toFixed(4) ?? '',
  ];
  const lines = curves.map((c) =>
    [
      ...[c.group, c.method, c.compounds, c.tries],
      ...[c.trySeconds, c.usedUpSeconds, c.training].map((seconds) => seconds.toFixed(3)),
      ...[c.hitArea, c.matchArea, c.hitAboveFirst].flatMap(both),
    ].join(','),
  );
  return `${[head, ...lines].join('\n')}\n`;
}

/** The areas for people; '' without curves. */
export function areaTable(curves: readonly Curve[]): string {
  const [first] = curves;
  if (first === undefined) return '';
  const body = curves.map((c) => [
    c.group,
    titleOf(c.method),
    String(c.compounds),
    c.trySeconds.toFixed(2),
    c.usedUpSeconds.toFixed(1),
    c.training.toFixed(0),
    percent(c.hitArea),
    percent(c.matchArea),
    c.hitAboveFirst === null ? '' : percent(c.hitAboveFirst),
  ]);
  const head = [
    ...['group', 'method', 'compounds', 'CPU s a try', 'used up at', 'training', 'hit area', 'match area'],
    `hit area less ${titleOf(first.method)}'s`,
  ];
  return [
    `Area under the share of compounds hit (within 10 meV/atom of the truth, or below) and matched, over log CPU seconds from ${RANGE[0]} to ${RANGE[1]},`,
    'in % of the whole, with the standard error over compounds; differences are taken compound by compound. Tries end where they are',
    'used up (CPU seconds, middle compound): from there on a curve stays as it is, and more tries could only raise it. Trainings: CPU s, not in it.',
    table([head, ...body], [2, 3, 4, 5, 6, 7, 8]),
  ].join('\n');
}

const percent = ({ mean, error }: Estimate): string =>
  `${(100 * mean).toFixed(1)}${error === null ? '' : ` +- ${(100 * error).toFixed(1)}`}`;
