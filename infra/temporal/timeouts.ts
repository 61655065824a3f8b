import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentTimeouts } from '../../workflows/contract.js';

const VARIABLES = {
  LCOMS_HEARTBEAT_MS: 'heartbeat',
  LCOMS_RETRY_MS: 'retryInitial',
  LCOMS_RETRY_MAXIMUM_MS: 'retryMaximum',
  LCOMS_ATTEMPTS: 'maximumAttempts',
} as const satisfies Record<string, keyof ExperimentTimeouts>;

/** How nodes are tried, where the environment says otherwise than the defaults. Throws LCOMS_E_CONFIG. */
export function runTimeouts(env: NodeJS.ProcessEnv = process.env): ExperimentTimeouts {
  const given: ExperimentTimeouts = {};
  for (const [name, option] of Object.entries(VARIABLES)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const value = Number(text);
    const least = option === 'heartbeat' ? 1_000 : 1;
    if (!Number.isInteger(value) || value < least) {
      throw new LcomsError('LCOMS_E_CONFIG', `${name} is "${text}"`, {
        hint: `Give a whole number, ${least} or more${name.endsWith('_MS') ? ', of milliseconds' : ''}, or unset it.`,
      });
    }
    given[option] = value;
  }
  return given;
}
