import { describe, expect, it } from 'vitest';
import { Adam } from '../../../../lib/tensor/adam.js';
import { evaluate, OPS } from './ops.js';
import { kernelResults, runSiluLayers } from './raw-kernels.js';
import { REAL_WORK } from './real-work.js';
import { type Recording, recordKernels } from './recorder.js';
import { smallModel } from './training.js';

/** Everything that the op checks, those of the kernels without a tape and the checks of Adam compute. */
function checked(): Promise<Recording> {
  return recordKernels(() => {
    for (const op of Object.values(OPS)) evaluate(op);
    kernelResults();
    runSiluLayers();
    const model = smallModel(1);
    const adam = new Adam(model.p, { learningRate: 1e-3, clip: 0.5 });
    model.train(adam, 1);
    adam.state();
    adam.dispose();
    model.p.dispose();
  });
}

const missing = (used: Set<string>, covered: Set<string>): string[] => [...used].filter((name) => !covered.has(name));

/**
 * No built-in model runs a kernel, a gradient or a raw op of the library that the op checks leave out. What fails here
 * wants a case in OPS (ops.ts). Call after initBackend.
 */
export function coverageSuite(): void {
  describe('the op checks hold all that the models run', () => {
    it.each(REAL_WORK)(
      '%s',
      async (_, work) => {
        const covered = await checked();
        const used = await recordKernels(work);
        // A recorder that sees nothing would agree with everything.
        expect(used.ran.size).toBeGreaterThan(8);
        expect(missing(used.ran, covered.ran), 'kernels without a case').toEqual([]);
        expect(missing(used.differentiated, covered.differentiated), 'gradients without a case').toEqual([]);
        expect(missing(used.raw, covered.raw), 'raw ops without a check').toEqual([]);
      },
      300_000,
    );

    it('notices a kernel that is not among them', async () => {
      const { tf } = await import('../../../../lib/tensor/tf.js');
      const covered = await checked();
      const used = await recordKernels(() =>
        tf.tidy(() =>
          tf
            .grad((x) => tf.sum(tf.atan2(x, tf.scalar(2))))(tf.ones([2]))
            .dataSync(),
        ),
      );
      expect(missing(used.ran, covered.ran)).toContain('Atan2');
      expect(missing(used.differentiated, covered.differentiated)).toContain('Atan2');
    });
  });
}
