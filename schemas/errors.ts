/**
 * The one catalogue of errors that a user can meet. Every code has an exit code (2 bad input, 3 environment,
 * 4 the run failed), says whether trying again can help, and a hint that names the way out.
 */
export const ERROR_CATALOGUE = {
  LCOMS_E_SPEC: {
    exitCode: 2,
    retryable: false,
    hint: 'Mend the named path; `# yaml-language-server` in the spec lets an editor check it.',
  },
  LCOMS_E_USAGE: { exitCode: 2, retryable: false, hint: 'See `lcoms --help`.' },
  LCOMS_E_FILE: { exitCode: 2, retryable: false, hint: 'Check the path and its permissions.' },
  LCOMS_E_CONFIG: { exitCode: 2, retryable: false, hint: 'Mend lcoms.config.ts; docs/plugins.md shows its form.' },
  LCOMS_E_PLUGIN_NOT_FOUND: {
    exitCode: 2,
    retryable: false,
    hint: '`lcoms plugins ls` lists what this configuration allows.',
  },
  LCOMS_E_PLUGIN_OPTIONS: {
    exitCode: 2,
    retryable: false,
    hint: '`lcoms plugins show ID` prints every option with its default.',
  },
  LCOMS_E_PLUGIN_INVALID: { exitCode: 2, retryable: false, hint: '`lcoms plugins check FILE` runs the contract kit.' },
  LCOMS_E_DAG: { exitCode: 2, retryable: false, hint: '`lcoms plan SPEC` shows the nodes and what each one needs.' },
  LCOMS_E_CRYSTAL: { exitCode: 2, retryable: false, hint: 'Mend the file, or leave the row out.' },
  LCOMS_E_DATA_ROWS: {
    exitCode: 2,
    retryable: false,
    hint: 'Mend the rows, or set `onBadRow: skip` in the data options to leave them out and count them.',
  },
  LCOMS_E_DATA_EMPTY: { exitCode: 2, retryable: false, hint: 'Loosen the filters or give more data.' },
  LCOMS_E_FORMULA: { exitCode: 2, retryable: false, hint: 'Write a formula such as MgO or CaTiO3.' },
  LCOMS_E_ELEMENT_UNKNOWN: {
    exitCode: 2,
    retryable: false,
    hint: 'Use a scorer that knows the element, or leave the compound out.',
  },
  LCOMS_E_UNSEEN: {
    exitCode: 2,
    retryable: false,
    hint: 'Use a model that was trained on such crystals, or go on at your own risk with --unseen.',
  },
  LCOMS_E_INPUT: { exitCode: 2, retryable: false, hint: 'Check the values given.' },
  LCOMS_E_SWEEP_CHANGED: {
    exitCode: 2,
    retryable: false,
    hint: 'Go on with the old one by `lcoms resume ID`, or give the new one a name of its own.',
  },
  LCOMS_E_CHECKPOINT_INCOMPATIBLE: {
    exitCode: 2,
    retryable: false,
    hint: 'Change the options back, or start a new run.',
  },
  LCOMS_E_NOT_FOUND: { exitCode: 2, retryable: false, hint: '`lcoms ls` lists the runs.' },
  LCOMS_E_ARTIFACT_MISSING: {
    exitCode: 3,
    retryable: true,
    hint: 'Run the spec again: missing artifacts are made anew.',
  },
  LCOMS_E_ARTIFACT_CORRUPT: {
    exitCode: 3,
    retryable: false,
    hint: 'Delete the named object and run again: it is made anew.',
  },
  LCOMS_E_STORE: {
    exitCode: 3,
    retryable: true,
    hint: 'Check that the object store is up and reachable; `lcoms doctor` tests it.',
  },
  LCOMS_E_STORE_AUTH: {
    exitCode: 3,
    retryable: false,
    hint: 'Set LCOMS_S3_ACCESS_KEY and LCOMS_S3_SECRET_KEY to keys that may read and write the bucket.',
  },
  LCOMS_E_TEMPORAL: {
    exitCode: 3,
    retryable: true,
    hint: 'Start the server at TEMPORAL_ADDRESS, or unset it to use the embedded one.',
  },
  LCOMS_E_TOOL_MISSING: { exitCode: 3, retryable: false, hint: '`lcoms doctor` names the command that mends it.' },
  LCOMS_E_NO_WORKER: {
    exitCode: 3,
    retryable: true,
    hint: 'Start one in another terminal: `lcoms worker --queues score-python` (docs/scorers.md).',
  },
  LCOMS_E_BACKEND: {
    exitCode: 3,
    retryable: false,
    hint: 'Unset LCOMS_BACKEND, or run `npm run setup`; `lcoms doctor` shows what works.',
  },
  LCOMS_E_CALCULATOR: {
    exitCode: 4,
    retryable: false,
    hint: 'The calculator can not judge this structure: leave it out, or use another scorer.',
  },
  LCOMS_E_COMPUTE_DIED: {
    exitCode: 4,
    retryable: true,
    hint: '`lcoms resume ID` continues from the newest checkpoint.',
  },
  LCOMS_E_SUPERSEDED: {
    exitCode: 4,
    retryable: true,
    hint: 'Another attempt at the node goes on, or has committed it; nothing is lost.',
  },
  LCOMS_E_PRUNED: {
    exitCode: 4,
    retryable: false,
    hint: '`lcoms resume RUN` goes on with a trial that its sweep stopped early.',
  },
  LCOMS_E_RUN_FAILED: {
    exitCode: 4,
    retryable: false,
    hint: '`lcoms show ID` names the node that failed; `lcoms resume ID` tries it again.',
  },
  LCOMS_E_INTERNAL: {
    exitCode: 4,
    retryable: true,
    hint: 'This is a defect in lcoms or in a plugin: please report it with the spec.',
  },
} as const satisfies Record<string, { exitCode: 2 | 3 | 4; retryable: boolean; hint: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Where an error was found: shown as `file:line` or `file -> path`. */
export interface ErrorWhere {
  file?: string;
  line?: number;
  /** Path inside a document, e.g. `surrogate.with.tau`. */
  path?: string;
}

/** The only error a user sees. `message` says what is wrong; `hint` (the catalogue's unless given) says what to do. */
export class LcomsError extends Error {
  override readonly name = 'LcomsError';
  readonly exitCode: 2 | 3 | 4;
  readonly retryable: boolean;
  readonly hint: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: ErrorWhere & { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const entry = ERROR_CATALOGUE[code];
    this.exitCode = entry.exitCode;
    this.retryable = entry.retryable;
    this.hint = options.hint ?? entry.hint;
  }

  /** `file:line`, `file -> path`, or '' when the error has no place. */
  get where(): string {
    const { file, line, path } = this.options;
    const place = file === undefined ? '' : line === undefined ? file : `${file}:${line}`;
    return path === undefined ? place : place === '' ? path : `${place} -> ${path}`;
  }

  toJSON(): { code: ErrorCode; message: string; hint: string; where?: string } {
    return { code: this.code, message: this.message, hint: this.hint, ...(this.where ? { where: this.where } : {}) };
  }
}
