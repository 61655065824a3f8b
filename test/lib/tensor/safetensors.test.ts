import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';

const python = readFileSync(new URL('../../fixtures/tensor/python.safetensors', import.meta.url));

const headerOf = (bytes: Uint8Array): string => {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
};
const fileWith = (header: unknown, bytes: number): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
};
const entry = (data_offsets: unknown, shape: unknown = [1], dtype: unknown = 'F32') => ({ dtype, shape, data_offsets });

describe('safetensors', () => {
  it('reads what the Python package wrote', () => {
    const { tensors, metadata } = readSafetensors(python);
    expect(metadata).toEqual({ epoch: '7', model: 'cdvae' });
    expect(tensors['layer.weight']).toEqual({
      shape: [3, 4],
      data: Float32Array.from({ length: 12 }, (_, i) => Math.fround(i - 5.5) / 3),
    });
    expect(tensors['atomic_numbers']).toEqual({ shape: [3], data: Int32Array.of(8, -12, 2147483647) });
    expect(tensors['scalar']).toEqual({ shape: [], data: Float32Array.of(0.25) });
    expect(tensors['empty']).toEqual({ shape: [0, 7], data: new Float32Array(0) });
    expect(tensors['name with ünïcode "quotes"']?.data).toEqual(Float32Array.of(1e-45, 3.4e38, -0));
  });

  it('writes what the Python package reads: the bytes are those of the file that it read into the JSON beside it', () => {
    const ours = readFileSync(new URL('../../fixtures/tensor/lcoms.safetensors', import.meta.url));
    const read = readFileSync(new URL('../../fixtures/tensor/lcoms.safetensors.json', import.meta.url), 'utf8');
    const tensors: NamedTensors = {
      weight: { shape: [2, 2], data: Float32Array.of(1, 2, -3, 4.5) },
      count: { shape: [], data: Int32Array.of(-7) },
      'ünïcode "name"': { shape: [0, 3], data: new Float32Array(0) },
    };
    expect(Buffer.from(writeSafetensors(tensors, { epoch: '7' })).equals(ours)).toBe(true);
    expect(JSON.parse(read)).toEqual({
      tensors: {
        weight: { shape: [2, 2], dtype: 'float32', values: [1, 2, -3, 4.5] },
        count: { shape: [], dtype: 'int32', values: [-7] },
        'ünïcode "name"': { shape: [0, 3], dtype: 'float32', values: [] },
      },
      metadata: { epoch: '7' },
    });
  });

  it('round-trips any tensors, metadata and names', () => {
    const tensor = fc
      .tuple(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.boolean(), fc.integer())
      .map(([shape, whole, seed]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const values = Array.from({ length: size }, (_, i) => Math.sin(seed + i) * 1e6);
        return { shape, data: whole ? Int32Array.from(values) : Float32Array.from(values) };
      });
    const name = fc.string({ minLength: 1 }).filter((s) => s !== '__metadata__' && s !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, metadata) => {
        const read = readSafetensors(writeSafetensors(tensors, metadata));
        expect(read.tensors).toEqual({ ...tensors });
        expect(read.metadata).toEqual({ ...metadata });
      }),
    );
  });

  it('equal tensors give equal bytes, names sorted, header padded to 8 bytes', () => {
    const a = { shape: [1], data: Float32Array.of(1) };
    const b = { shape: [2], data: Int32Array.of(2, 3) };
    const bytes = writeSafetensors({ b, a }, { z: '1', y: '2' });
    expect(writeSafetensors({ a, b }, { y: '2', z: '1' })).toEqual(bytes);
    expect(headerOf(bytes)).toMatch(/^{"__metadata__":{"y":"2","z":"1"},"a":.*"b":.*} *$/);
    expect(headerOf(bytes).length % 8).toBe(0);
  });

  it('reads from a view into a larger, unaligned buffer and returns copies', () => {
    const bytes = writeSafetensors({ a: { shape: [1], data: Float32Array.of(1.5) } });
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const { tensors } = readSafetensors(larger.subarray(3));
    larger.fill(0);
    expect(tensors['a']?.data).toEqual(Float32Array.of(1.5));
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /0 bytes are too few/],
    ['a cut header', python.subarray(0, 40), /runs past the end/],
    ['a huge header', new Uint8Array(16).fill(255), /runs past the end/],
    ['cut data', python.subarray(0, python.length - 1), /cut off/],
    ['bytes too many', Buffer.concat([python, Buffer.of(0)]), /1 bytes belong to no tensor/],
    ['a header that is not JSON', fileWith('{"a":', 0), /not a JSON object/],
    ['a header that is a list', fileWith([], 0), /not a JSON object/],
    ['an unknown type', fileWith({ a: entry([0, 2], [1], 'F16') }, 2), /dtype F16/],
    ['a negative shape', fileWith({ a: entry([0, 4], [-1]) }, 4), /no valid shape/],
    ['no offsets', fileWith({ a: entry(undefined) }, 4), /no valid data_offsets/],
    ['a size that does not fit the shape', fileWith({ a: entry([0, 8]) }, 8), /can't hold 8 bytes/],
    ['overlapping tensors', fileWith({ a: entry([0, 4]), b: entry([0, 4]) }, 4), /overlap/],
    ['a gap', fileWith({ a: entry([4, 8]) }, 8), /leave a gap/],
    ['metadata that are not strings', fileWith({ __metadata__: { a: 1 } }, 0), /must map names to strings/],
    ['an entry that is null', fileWith({ a: null }, 0), /dtype undefined/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'weights.safetensors')).toThrowError(
      expect.objectContaining({
        code: 'LCOMS_E_ARTIFACT_CORRUPT',
        message: expect.stringMatching(message),
        where: 'weights.safetensors',
      }),
    );
  });

  it('refuses to write a shape that does not fit its data', () => {
    const tensors: NamedTensors = { a: { shape: [3], data: new Float32Array(2) } };
    expect(() => writeSafetensors(tensors)).toThrowError(/"a" of shape \[3\] can't hold 2 values/);
  });
});
