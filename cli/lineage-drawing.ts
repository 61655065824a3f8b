import { type LayoutBox, layeredLayout } from './layered-layout.js';
import { boxesOf, type Lineage, type LineageBox } from './lineage-graph.js';

const FONT = 12;
const LINE = 16;
const PADDING = 10;
const MARGIN = 24;
const TITLE = 34;
/** Mean width of a character of the font, generous. */
const CHARACTER = 0.6 * FONT;

const FILLS = { file: '#fff7e0', node: '#eef4fb' } as const;
const STROKES = { file: '#c79a2a', node: '#5b86b4' } as const;

/** Graphviz's language. */
export function lineageDot(lineage: Lineage, title: string): string {
  const { boxes, arrows } = boxesOf(lineage);
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const label = (box: LineageBox): string =>
    linesOf(box)
      .map((line) => quoted(line).slice(1, -1))
      .join('\\n');
  return [
    `digraph ${quoted(title)} {`,
    `  label=${quoted(title)}; labelloc=t; node [shape=box, style="rounded,filled", fontname="sans-serif"];`,
    ...boxes.map(
      (box) =>
        `  ${quoted(box.id)} [label="${label(box)}", fillcolor="${FILLS[box.kind]}", color="${STROKES[box.kind]}"];`,
    ),
    ...arrows.map(({ from, to, input }) => `  ${quoted(from)} -> ${quoted(to)} [tooltip=${quoted(input)}];`),
    '}',
    '',
  ].join('\n');
}

/** A picture: what came from outside in yellow, what was made in blue, each below all that it was made of. */
export function lineageSvg(lineage: Lineage, title: string): string {
  const { boxes, arrows } = boxesOf(lineage);
  const lines = new Map(boxes.map((box) => [box.id, linesOf(box)]));
  const sized = boxes.map(({ id }): LayoutBox => {
    const text = lines.get(id) as string[];
    const width = 2 * PADDING + CHARACTER * Math.max(...text.map((line) => line.length));
    return { id, width, height: 2 * PADDING + LINE * text.length - 4 };
  });
  const size = new Map(sized.map((box) => [box.id, box]));
  const placed = layeredLayout(sized, arrows);
  const width = Math.ceil(Math.max(placed.width, CHARACTER * title.length) + 2 * MARGIN);
  const height = Math.ceil(placed.height + 2 * MARGIN + TITLE);
  const [dx, dy] = [(width - placed.width) / 2, MARGIN + TITLE];
  const paths = placed.arrows.map(({ from, to, points }) => {
    const moved = points.map(({ x, y }) => ({ x: x + dx, y: y + dy }));
    return `<path d="${curve(moved)}" fill="none" stroke="#7a8794" stroke-width="1.2" marker-end="url(#tip)"><title>${escaped(`${from} to ${to}`)}</title></path>`;
  });
  const drawn = boxes.map(({ id, kind, members }) => {
    const { x = 0, y = 0 } = placed.boxes.get(id) ?? {};
    const box = size.get(id) as LayoutBox;
    const texts = (lines.get(id) as string[]).map((line, i) => {
      const style = i === 0 ? ' font-weight="600"' : ' fill="#4a5560"';
      return `<text x="${round(x + dx + PADDING)}" y="${round(y + dy + PADDING + FONT - 1 + i * LINE)}"${style}>${escaped(line)}</text>`;
    });
    const digests = members.map((member) => `${member.id} ${member.digest ?? 'not made'}`).join('\n');
    return [
      `<g><title>${escaped(digests)}</title>`,
      `<rect x="${round(x + dx)}" y="${round(y + dy)}" width="${round(box.width)}" height="${round(box.height)}" rx="5" fill="${FILLS[kind]}" stroke="${STROKES[kind]}"/>`,
      ...texts,
      '</g>',
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, 'DejaVu Sans', sans-serif" font-size="${FONT}">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#7a8794"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${width / 2}" y="${MARGIN + 6}" text-anchor="middle" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...paths,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** What a box says: its name, its plugin, its artifact. */
function linesOf({ id, kind, members }: LineageBox): string[] {
  const [first] = members as [LineageBox['members'][number]];
  const digest = first.digest === null ? 'not made' : first.digest.slice(0, 12);
  const size = members.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const facts = [members.length > 1 ? `${members.length} artifacts` : digest, size > 0 ? bytesText(size) : ''];
  const name =
    kind === 'file' ? id.replace(/ [0-9a-f]{8}$/, '') : members.length > 1 ? `${id} × ${members.length}` : first.id;
  return [
    name,
    ...(kind === 'file'
      ? []
      : [[first.plugin ?? 'lcoms', first.step === id ? '' : first.step].filter(Boolean).join(', ')]),
    facts.filter((fact) => fact !== '').join(', '),
  ];
}

/** `12 kB`, `3.4 MB` */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 9.95 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** A smooth line through points, upright at each. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  let from = first ?? { x: 0, y: 0 };
  const parts = [`M${round(from.x)} ${round(from.y)}`];
  for (const to of rest) {
    const middle = (from.y + to.y) / 2;
    parts.push(`C${round(from.x)} ${round(middle)} ${round(to.x)} ${round(middle)} ${round(to.x)} ${round(to.y)}`);
    from = to;
  }
  return parts.join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
