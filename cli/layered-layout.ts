/** Size of a box; positions are of its upper left corner. */
export interface LayoutBox {
  id: string;
  width: number;
  height: number;
}

export interface Placed {
  width: number;
  height: number;
  boxes: Map<string, { x: number; y: number }>;
  /** The points that an arrow goes through, from the lower edge of a box to the upper edge of another. */
  arrows: { from: string; to: string; points: { x: number; y: number }[] }[];
}

interface Cell {
  id: string;
  width: number;
  x: number;
}

const LAYER_GAP = 44;
const BOX_GAP = 26;
/** Room that an arrow takes where it passes between boxes. */
const PASS = 14;
const SWEEPS = 12;
/** How much more a place of an arrow heeds another one than a box: long arrows go straight. */
const PULL = 4;
/** Share of the edge of a box over which arrows begin and end. */
const PORTS = 0.5;

/**
 * Draws an acyclic graph in layers from top to bottom (Sugiyama): every box below all that it needs, arrows over several
 * layers through places of their own, and neighbours near each other. The same graph gives the same drawing.
 */
export function layeredLayout(boxes: readonly LayoutBox[], arrows: readonly { from: string; to: string }[]): Placed {
  const layerOf = layers(boxes, arrows);
  const depth = 1 + Math.max(0, ...layerOf.values());
  const rows: Cell[][] = Array.from({ length: depth }, () => []);
  for (const { id, width } of boxes) rows[layerOf.get(id) as number]?.push({ id, width, x: 0 });
  const links: [string, string][] = [];
  const chains = arrows.map(({ from, to }) => {
    const [top, bottom] = [layerOf.get(from) as number, layerOf.get(to) as number];
    const passed = Array.from({ length: Math.max(0, bottom - top - 1) }, (_, i) => `${from} -> ${to} ${top + 1 + i}`);
    for (const [i, id] of passed.entries()) rows[top + 1 + i]?.push({ id, width: PASS, x: 0 });
    const chain = [from, ...passed, to];
    for (let i = 1; i < chain.length; i++) links.push([chain[i - 1] as string, chain[i] as string]);
    return { from, to, chain };
  });
  const neighbours = neighboursOf(links);
  order(rows, neighbours);
  const cells = new Map(rows.flat().map((cell) => [cell.id, cell]));
  place(rows, cells, neighbours);

  const heights = rows.map((row) =>
    Math.max(0, ...boxes.filter(({ id }) => row.some((cell) => cell.id === id)).map((b) => b.height)),
  );
  const tops = heights.map((_, i) => heights.slice(0, i).reduce((sum, h) => sum + h + LAYER_GAP, 0));
  const center = (id: string): number => (cells.get(id)?.x ?? 0) + (cells.get(id)?.width ?? 0) / 2;
  const height = new Map(boxes.map((box) => [box.id, box.height]));
  /** Where an arrow leaves or enters a box: side by side, in the order in which they go on. */
  const port = (id: string, arrow: number, side: 'leaves' | 'enters'): number => {
    const of = chains.flatMap(({ from, to, chain }, i) => {
      if ((side === 'leaves' ? from : to) !== id) return [];
      return [{ i, x: center((side === 'leaves' ? chain[1] : chain.at(-2)) as string) }];
    });
    const at = of.sort((a, b) => a.x - b.x || a.i - b.i).findIndex(({ i }) => i === arrow);
    const { x = 0, width = 0 } = cells.get(id) ?? {};
    return x + width * (0.5 + PORTS * ((at + 0.5) / of.length - 0.5));
  };
  return {
    width: Math.max(0, ...rows.flat().map(({ x, width }) => x + width)),
    height: (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0),
    boxes: new Map(boxes.map(({ id }) => [id, { x: cells.get(id)?.x ?? 0, y: tops[layerOf.get(id) as number] ?? 0 }])),
    arrows: chains.map(({ from, to, chain }, i) => {
      const top = layerOf.get(from) as number;
      const points = chain.slice(1, -1).flatMap((id, k) => {
        const [y, h] = [tops[top + 1 + k] ?? 0, heights[top + 1 + k] ?? 0];
        return [
          { x: center(id), y },
          { x: center(id), y: y + h },
        ];
      });
      const start = { x: port(from, i, 'leaves'), y: (tops[top] ?? 0) + (height.get(from) ?? 0) };
      const end = { x: port(to, i, 'enters'), y: tops[layerOf.get(to) as number] ?? 0 };
      return { from, to, points: [start, ...points, end] };
    }),
  };
}

/** Longest path from the sources; a source itself comes down to just above what needs it. */
function layers(boxes: readonly LayoutBox[], arrows: readonly { from: string; to: string }[]): Map<string, number> {
  const layer = new Map(boxes.map(({ id }) => [id, 0]));
  for (let changed = true, left = boxes.length + 1; changed && left > 0; left--) {
    changed = false;
    for (const { from, to } of arrows) {
      const least = (layer.get(from) ?? 0) + 1;
      if ((layer.get(to) ?? 0) >= least) continue;
      layer.set(to, least);
      changed = true;
    }
  }
  for (const { id } of boxes) {
    const below = arrows.filter(({ from }) => from === id).map(({ to }) => layer.get(to) ?? 0);
    if (below.length > 0 && !arrows.some(({ to }) => to === id)) layer.set(id, Math.min(...below) - 1);
  }
  return layer;
}

type Neighbours = Map<string, { above: string[]; below: string[] }>;

function neighboursOf(links: readonly [string, string][]): Neighbours {
  const found: Neighbours = new Map();
  const of = (id: string) => {
    const known = found.get(id) ?? { above: [], below: [] };
    found.set(id, known);
    return known;
  };
  for (const [from, to] of links) {
    of(from).below.push(to);
    of(to).above.push(from);
  }
  return found;
}

/** Few crossings: each layer by the mean place of its neighbours in the layer before, down and up by turns. */
function order(rows: Cell[][], neighbours: Neighbours): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? 'above' : 'below';
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const at = new Map(rows.flatMap((each) => each.map(({ id }, i) => [id, (i + 0.5) / each.length] as const)));
      const wish = new Map(
        row.map(({ id }) => [
          id,
          mean((neighbours.get(id)?.[side] ?? []).map((n) => at.get(n) ?? 0)) ?? at.get(id) ?? 0,
        ]),
      );
      row.sort((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
    }
  }
}

/** Each cell as near as its row allows to the middle of its neighbours. */
function place(rows: Cell[][], cells: ReadonlyMap<string, Cell>, neighbours: Neighbours): void {
  for (const row of rows) for (const [i, cell] of row.entries()) cell.x = i === 0 ? 0 : right(row[i - 1] as Cell);
  for (let sweep = 0; sweep < 4 * SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wishes = row.map((cell) => {
        const { above = [], below = [] } = neighbours.get(cell.id) ?? {};
        let [sum, weight] = [0, 0];
        for (const other of [...above, ...below].flatMap((id) => cells.get(id) ?? [])) {
          const pull = PULL ** ((cell.width === PASS ? 1 : 0) + (other.width === PASS ? 1 : 0));
          sum += pull * (other.x + other.width / 2);
          weight += pull;
        }
        return (weight === 0 ? cell.x + cell.width / 2 : sum / weight) - cell.width / 2;
      });
      settle(row, wishes);
    }
  }
  const left = Math.min(0, ...rows.flat().map(({ x }) => x));
  const least = Math.min(...rows.flat().map(({ x }) => x), Number.POSITIVE_INFINITY);
  for (const cell of rows.flat()) cell.x -= Number.isFinite(least) ? least : left;
}

/** Blocks of cells that would overlap move together to the mean of their wishes (pool adjacent violators). */
function settle(row: Cell[], wishes: readonly number[]): void {
  const blocks: { from: number; sum: number; count: number }[] = [];
  const offsets: number[] = [];
  for (const [i, cell] of row.entries()) {
    const before = row[i - 1];
    offsets[i] = before ? (offsets[i - 1] as number) + before.width + BOX_GAP : 0;
    blocks.push({ from: i, sum: (wishes[i] ?? cell.x) - offsets[i], count: 1 });
    for (
      let last = blocks.at(-1), earlier = blocks.at(-2);
      last && earlier;
      last = blocks.at(-1), earlier = blocks.at(-2)
    ) {
      if (earlier.sum / earlier.count <= last.sum / last.count) break;
      blocks.splice(-2, 2, { from: earlier.from, sum: earlier.sum + last.sum, count: earlier.count + last.count });
    }
  }
  for (const [b, { from, sum, count }] of blocks.entries()) {
    const to = blocks[b + 1]?.from ?? row.length;
    for (let i = from; i < to; i++) (row[i] as Cell).x = sum / count + (offsets[i] as number);
  }
}

const right = ({ x, width }: Cell): number => x + width + BOX_GAP;

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
