import { beforeAll, describe, expect, test } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import type { EncoderTrainingData } from '../../../../../plugins/contract/encoder.js';
import { cdvae } from '../../../../../plugins/encoders/cdvae/index.js';
import { trainPaper } from '../../../../../plugins/encoders/cdvae/paper/train.js';
import { trainCdvae } from '../../../../../plugins/encoders/cdvae/train.js';
import { caesiumChloride, copper, rocksalt } from '../crystals.js';
import { testContext, tinyOptions, trainingData } from '../harness.js';
import { tinyPaper } from './harness.js';

beforeAll(async () => {
  await initBackend();
});

const crystals = [rocksalt('Na', 'Cl', 5.64), { ...rocksalt('Mg', 'O', 4.21), id: 'mp-1265' }, copper];

/** Energies of which one is no number. */
function poisoned(): EncoderTrainingData {
  const data = trainingData(crystals);
  data.targets.train[1] = Number.NaN;
  return data;
}

describe('NaN in training', () => {
  const presets = {
    small: (data: EncoderTrainingData, context: ReturnType<typeof testContext>) =>
      trainCdvae(data, tinyOptions({ checkpointSeconds: 0, batchSize: 1, epochs: 2 }), context),
    paper: (data: EncoderTrainingData, context: ReturnType<typeof testContext>) =>
      trainPaper(data, tinyPaper({ checkpointSeconds: 0, batchSize: 1, epochs: 2, energyWeight: 1 }), context),
  };
  test.each(['small', 'paper'] as const)(
    'stops it with step, crystals and last good checkpoint (%s)',
    async (preset) => {
      const before = tf.memory().numTensors;
      const context = testContext('poisoned');
      const error = (await presets[preset](poisoned(), context).catch((e: unknown) => e)) as { message: string };
      expect(error).toMatchObject({ code: 'LCOMS_E_RUN_FAILED' });
      const good = context.saved.at(-1)?.step;
      const last = good === undefined ? 'there is no checkpoint yet' : `the last good checkpoint is at step ${good}`;
      const step = good ?? 0;
      expect(error.message).toBe(
        `the loss is not a finite number at step ${step}; crystals of the batch: mp-1265; ${last}`,
      );
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('stops it in the validation of the paper preset too', async () => {
    const data = trainingData([crystals[0] as (typeof crystals)[number]], crystals);
    data.targets.validation[1] = Number.POSITIVE_INFINITY;
    await expect(trainPaper(data, tinyPaper({ energyWeight: 1 }), testContext('look'))).rejects.toMatchObject({
      code: 'LCOMS_E_RUN_FAILED',
      message: expect.stringMatching(/validation loss is not .* mp-1265/) as string,
    });
  });
});

test('the best weights by validation loss are kept, and training ends when aborted', async () => {
  const data = trainingData(crystals, [caesiumChloride('Cs', 'Cl', 4.12)]);
  const context = testContext('best');
  const { metrics } = await trainPaper(data, tinyPaper({ epochs: 6, learningRate: 0.1 }), context);
  const losses = context.reports.map((r) => r['validation.total'] as number);
  expect(metrics['best.loss']).toBe(Math.min(...losses));
  expect(metrics['best.epoch']).toBe(losses.indexOf(Math.min(...losses)) + 1);

  const stopped = testContext('stopped');
  stopped.tick = () => stopped.controller.abort(new Error('stop'));
  await expect(trainPaper(data, tinyPaper(), stopped)).rejects.toThrow('stop');
});

test('a model of the other preset, another version, other bytes or a checkpoint of other options is refused', async () => {
  const create = (options: Record<string, unknown>) => cdvae.create(cdvae.options.parse(options), testContext('load'));
  const data = trainingData(crystals);
  const [small, paper] = [tinyOptions({ epochs: 1 }), tinyPaper({ epochs: 1, checkpointSeconds: 0, batchSize: 1 })];
  const blobsOf = async (options: Record<string, unknown>) =>
    new Map((await (await create(options)).train(data)).blobs.map(({ name, bytes }) => [name, bytes]));
  const [smallBlobs, paperBlobs] = [await blobsOf(small), await blobsOf(paper)];
  await expect((await create(paper)).load(smallBlobs)).rejects.toMatchObject({
    code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
    message: expect.stringContaining('is of preset small') as string,
  });
  await expect((await create(small)).load(paperBlobs)).rejects.toMatchObject({
    code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
    message: expect.stringContaining('is of preset paper') as string,
  });
  const [[name, bytes]] = [...paperBlobs] as [[string, Uint8Array]];
  const older = Buffer.from(Buffer.from(bytes).toString('latin1').replace('paper-1', 'paper-0'), 'latin1');
  await expect((await create(paper)).load(new Map([[name, new Uint8Array(older)]]))).rejects.toMatchObject({
    code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
    message: expect.stringContaining('format paper-0') as string,
  });
  await expect((await create(paper)).load(new Map([[name, new Uint8Array(40)]]))).rejects.toMatchObject({
    code: 'LCOMS_E_ARTIFACT_CORRUPT',
  });

  const first = testContext('one');
  await trainPaper(data, paper, first);
  await expect(
    trainPaper(data, { ...paper, learningRate: 0.5 }, testContext('one', first.saved[0] ?? null)),
  ).rejects.toMatchObject({
    code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
    message: expect.stringMatching(/learningRate: .* then, 0.5 now/) as string,
  });
});
