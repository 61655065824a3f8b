import { tf } from './tf.js';

/** What tfjs's WebGPU backend (4.22) runs: WGSL with its own prelude around it. */
export interface WebgpuProgram {
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly workgroupSize: [number, number, number];
  readonly dispatchLayout: { x: number[] };
  readonly dispatch: [number, number, number];
  readonly uniforms?: string;
  /** `uniforms.size` is the number of entries of the output. */
  readonly size: true;
  /** Whether threads add to the same entry in the order in which they come by: never the case here. */
  readonly atomic?: boolean;
  readonly shaderKey: string;
  getUserCode(): string;
}

const WORKGROUP = 64;

/** A program with one thread for each entry of its output. */
function perEntry(
  outputShape: number[],
  program: Pick<WebgpuProgram, 'variableNames' | 'shaderKey' | 'uniforms'>,
  code: string,
): WebgpuProgram {
  return {
    ...program,
    outputShape,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(tf.util.sizeFromShape(outputShape) / WORKGROUP), 1, 1],
    size: true,
    getUserCode: () => `
      fn main(index : i32) {
        if (index < uniforms.size) {
          ${code}
        }
      }`,
  };
}

/**
 * Rows of x [rows, width] added up by segment, in the order of the rows: a thread goes through all ids for its entry. Ids
 * outside 0..segments-1 are left out, as TensorFlow does. Uniforms: rows, width. The buffer of x may hold whole numbers: a
 * cast to float32 leaves it as it is.
 */
export const segmentSumProgram = (segments: number, width: number): WebgpuProgram =>
  perEntry(
    [segments, width],
    { variableNames: ['x', 'segmentIds'], shaderKey: 'orderedSegmentSum', uniforms: 'rows : i32, width : i32,' },
    `let segment = index / uniforms.width;
          let column = index - segment * uniforms.width;
          var sum = 0.0;
          for (var row = 0; row < uniforms.rows; row = row + 1) {
            if (i32(segmentIds[row]) == segment) {
              sum = sum + f32(x[row * uniforms.width + column]);
            }
          }
          setOutputAtIndex(index, sum);`,
  );

/**
 * Sine or cosine of every entry, brought to [-pi, pi] first: WGSL promises nothing outside, and devices lose a digit for every
 * turn. 2 pi is split in three, so that the products with the number of turns are exact (Cody and Waite 1980).
 */
export const waveProgram = (wave: 'sin' | 'cos', outputShape: number[]): WebgpuProgram =>
  perEntry(
    outputShape,
    { variableNames: ['A'], shaderKey: `reduced_${wave}` },
    `let a = getAByOutputIndex(index);
          let turns = round(a * 0.15915494309189535);
          let rest = ((a - turns * 6.28125) - turns * 0.0019340515136718750) - turns * 0.000001255665914357;
          setOutputAtIndex(index, ${wave}(rest));`,
  );
