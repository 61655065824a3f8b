import type { Step } from '../../schemas/experiment.js';
import { baselines } from './baselines.js';
import type { StepFunction } from './context.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { encodeData } from './encode-data.js';
import { figures } from './figures.js';
import { knownStructures } from './known-structures.js';
import { optimize } from './optimize.js';
import { prepareData } from './prepare-data.js';
import { report } from './report.js';
import { score } from './score.js';
import { search } from './search.js';
import { startStructures } from './start-structures.js';
import { trainEncoder } from './train-encoder.js';
import { trainSurrogate } from './train-surrogate.js';

/** What each step runs. */
export const STEP_FUNCTIONS: Readonly<Record<Step, StepFunction>> = {
  'prepare-data': prepareData,
  'train-encoder': trainEncoder,
  'encode-data': encodeData,
  'train-surrogate': trainSurrogate,
  'known-structures': knownStructures,
  'start-structures': startStructures,
  encode,
  optimize,
  decode,
  search,
  score,
  baselines,
  report,
  figures,
};
