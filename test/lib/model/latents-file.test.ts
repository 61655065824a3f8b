import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LatentsFile, readLatentsFile, writeLatentsFile } from '../../../lib/model/latents-file.js';
import { writeSafetensors } from '../../../lib/tensor/safetensors.js';

const FORMATS = ['safetensors', 'csv', 'jsonl'] as const;
const finite = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x));

const latents: fc.Arbitrary<LatentsFile> = fc.integer({ min: 1, max: 5 }).chain((dimension) =>
  fc.record({
    dimension: fc.constant(dimension),
    encoder: fc.option(fc.constant('ab'.repeat(32))),
    rows: fc.array(
      fc.record({
        file: fc.constantFrom('a.cif', 'with, comma "and" quotes.csv'),
        index: fc.nat(1000),
        species: fc.option(fc.array(fc.constantFrom('Mg', 'O', 'Cs'), { minLength: 1, maxLength: 4 })),
        latent: fc
          .array(finite, { minLength: dimension, maxLength: dimension })
          .map((values) => Float32Array.from(values)),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

test.each(FORMATS)('%s keeps every bit', (format) => {
  fc.assert(
    fc.property(latents, (given) => {
      expect(readLatentsFile(writeLatentsFile(given, format), `x.${format}`)).toEqual(given);
    }),
  );
});

test('latents made elsewhere need no names', () => {
  const data = Float32Array.from([1, 2, 3, 4]);
  const alone = readLatentsFile(writeSafetensors({ z: { shape: [2, 2], data } }), 'z.safetensors');
  const csv = readLatentsFile(Buffer.from('z0,z1\n1,2\n3,4\n'), 'z.csv');
  for (const read of [alone, csv]) {
    expect(read).toMatchObject({ dimension: 2, encoder: null });
    expect(read.rows.map(({ latent, species, index }) => [...latent, species, index])).toEqual([
      [1, 2, null, 0],
      [3, 4, null, 1],
    ]);
  }
});

test.each([
  ['a.csv', 'z0,z1\n1,2\n3,\n', 'not finite'],
  ['a.csv', 'x,y\n1,2\n', 'a latent vector is due'],
  ['a.jsonl', '{"latent": [1, 2]}\n{"latent": [1]}\n', '2 numbers'],
  ['a.jsonl', '{"latent": [1]}\n{\n', 'not JSON'],
  ['a.jsonl', '{"latent": [1], "encoder": "a"}\n{"latent": [1], "encoder": "b"}\n', 'several encoders'],
  ['a.safetensors', 'no', 'not a safetensors file'],
  ['a.txt', '', '.safetensors, .csv, .jsonl'],
])('%s with %j', (file, text, message) => {
  const read = (): unknown => readLatentsFile(Buffer.from(text), file);
  expect(read).toThrow(message);
  expect(read).toThrow(expect.objectContaining({ exitCode: 2, where: expect.stringContaining(file) as string }));
});

test('several matrices: which one is meant must be said', () => {
  const tensor = { shape: [1, 1], data: Float32Array.from([1]) };
  expect(() => readLatentsFile(writeSafetensors({ train: tensor, validation: tensor }), 'a.safetensors')).toThrow(
    'train, validation',
  );
});
