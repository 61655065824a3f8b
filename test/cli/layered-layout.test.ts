import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LayoutBox, layeredLayout, type Placed } from '../../cli/layered-layout.js';

/** Acyclic graphs: arrows go from lower to higher numbers. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.record({
    boxes: fc.array(fc.record({ width: fc.integer({ min: 10, max: 200 }), height: fc.integer({ min: 10, max: 80 }) }), {
      minLength: count,
      maxLength: count,
    }),
    arrows: fc.uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30, selector: String }),
  }),
);

function draw({ boxes, arrows }: { boxes: Omit<LayoutBox, 'id'>[]; arrows: [number, number][] }) {
  const named = boxes.map((box, i) => ({ ...box, id: `b${i}` }));
  const down = arrows.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `b${a}`, to: `b${b}` }));
  return { named, down, placed: layeredLayout(named, down) };
}

const edges = (box: LayoutBox, placed: Placed) => {
  const { x = Number.NaN, y = Number.NaN } = placed.boxes.get(box.id) ?? {};
  return { left: x, right: x + box.width, top: y, bottom: y + box.height };
};

test('boxes lie within the picture and never on each other (any graph)', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { named, placed } = draw(graph);
      for (const [i, box] of named.entries()) {
        const a = edges(box, placed);
        expect(a.left).toBeGreaterThanOrEqual(-1e-6);
        expect(a.right).toBeLessThanOrEqual(placed.width + 1e-6);
        expect(a.bottom).toBeLessThanOrEqual(placed.height + 1e-6);
        for (const other of named.slice(0, i)) {
          const b = edges(other, placed);
          const apart = a.right <= b.left + 1e-6 || b.right <= a.left + 1e-6 || a.bottom <= b.top || b.bottom <= a.top;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});

test('every arrow leaves the bottom of one box, goes down, and ends at the top of the other (any graph)', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { named, down, placed } = draw(graph);
      expect(placed.arrows.map(({ from, to }) => ({ from, to }))).toEqual(down);
      for (const { from, to, points } of placed.arrows) {
        const [a, b] = [from, to].map((id) => edges(named.find((box) => box.id === id) as LayoutBox, placed));
        const [start, end] = [points[0], points.at(-1)];
        expect(start?.y).toBe(a?.bottom);
        expect(end?.y).toBe(b?.top);
        expect(points.every(({ y }, i) => i === 0 || y >= (points[i - 1]?.y ?? 0))).toBe(true);
        expect((start?.x ?? 0) >= (a?.left ?? 0) && (start?.x ?? 0) <= (a?.right ?? 0)).toBe(true);
        expect((end?.x ?? 0) >= (b?.left ?? 0) && (end?.x ?? 0) <= (b?.right ?? 0)).toBe(true);
      }
    }),
  );
});

test('the same graph gives the same drawing (any graph)', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      expect(draw(graph).placed).toEqual(draw(graph).placed);
    }),
  );
});

test('a path is drawn straight', () => {
  const boxes = ['a', 'b', 'c'].map((id) => ({ id, width: 50, height: 20 }));
  const { boxes: at } = layeredLayout(boxes, [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ]);
  expect(new Set([...at.values()].map(({ x }) => x)).size).toBe(1);
});
