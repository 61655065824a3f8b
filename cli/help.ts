import type { ArgsDef, CommandMeta } from 'citty';
import { type Output, table } from './output.js';
import { usageLine } from './usage.js';
import type { Verb } from './verb.js';

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['Experiments', ['run', 'plan', 'resume', 'ls', 'show', 'pause, cancel, retry, fork']],
  ['Predictions', ['predict']],
  ['Latent space', ['encode', 'decode', 'reconstruct', 'model show', 'model export']],
  ['Plugins and data', ['plugins ls', 'plugins show', 'plugins check', 'plugins new', 'data simulate', 'data score']],
  ['Crystals', ['score', 'relax', 'match', 'symmetry']],
  ['The machine', ['doctor', 'worker']],
];

/** Verbs that share a line: the help fits on a screen. */
const TOGETHER: Readonly<Record<string, string>> = {
  'pause, cancel, retry, fork': 'Hold a run, end it, try again what failed, go on from it with changes',
};

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['LCOMS_HOME', 'folder of the store, the server state and the logs (default .lcoms)'],
  ['LCOMS_STORE', 's3://bucket/prefix?endpoint=... or a folder, instead of the store in the home'],
  ['LCOMS_PYTHON', 'Python that runs ASE calculators (scorer/ase), instead of the one that set-up makes'],
  ['LCOMS_CALCULATORS', 'TOML file of the calculators that a Python worker serves'],
  ['TEMPORAL_ADDRESS', 'host:port of a Temporal server, instead of the embedded one'],
  ['LCOMS_SEED', 'root seed, instead of the one in the spec'],
  ['LCOMS_BACKEND', 'tfjs-node-gpu, tfjs-node, wasm, cpu or webgpu, or several to try: instead of the best that loads'],
];

/** Help of one verb. */
export function verbHelp(output: Output, name: string, verb: Verb): string {
  const args = (verb.command.args ?? {}) as ArgsDef;
  const rows = (positional: boolean): string[][] =>
    Object.entries(args)
      .filter(([key, { type }]) => (type === 'positional') === positional && !verb.hidden?.includes(key))
      .map(([key, { type, valueHint, description = '' }]) => [
        positional ? `  ${key.toUpperCase()}` : `  --${key}${type === 'boolean' ? '' : ` ${valueHint ?? 'VALUE'}`}`,
        description,
      ]);
  const bold = (text: string): string => output.style('bold', text);
  const sections = [
    `${(verb.command.meta as CommandMeta).description ?? ''}.\n\n${bold('Usage')}  ${usageLine(name, verb)}`,
    table([...rows(true), ...rows(false)]),
    `${bold('Examples')}\n${table(verb.examples.map(([line, what]) => [`  ${line}`, output.style('dim', what)]))}`,
    ...(verb.notes ? [verb.notes.join('\n')] : []),
  ];
  return sections.join('\n\n');
}

/** Help of the whole command. */
export function mainHelp(output: Output, verbs: ReadonlyMap<string, Verb>, version: string): string {
  const bold = (text: string): string => output.style('bold', text);
  const lines = GROUPS.flatMap(([title, names]) => [
    [bold(title), ''],
    ...names.map((name) => [
      `  ${name}`,
      TOGETHER[name] ?? (verbs.get(name)?.command.meta as CommandMeta | undefined)?.description ?? '',
    ]),
  ]);
  return [
    `lcoms ${version}: crystal structure prediction with latent conservative objective models.`,
    `${bold('Usage')}  lcoms VERB [arguments] [options]        lcoms VERB --help`,
    table(lines),
    `${bold('Examples')}\n${table([
      ['  lcoms run experiments/quickstart.yaml', output.style('dim', 'train, search, score, report')],
      [
        '  lcoms plan my.yaml --set surrogate.with.tau=0.5',
        output.style('dim', 'what would run, and what is there already'),
      ],
      ['  lcoms resume', output.style('dim', 'what was interrupted or failed')],
    ])}`,
    `${bold('Environment')}\n${table(ENVIRONMENT.map(([name, what]) => [`  ${name}`, what]))}`,
    'Exit codes: 0 done, 2 bad input, 3 environment (server, store, tool), 4 the run failed, 130 interrupted.',
  ].join('\n\n');
}
