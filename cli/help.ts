import type { ArgsDef, CommandMeta } from 'citty';
import { type Output, table } from './output.js';
import { usageLine } from './usage.js';
import type { Verb } from './verb.js';

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['Experiments', ['run', 'sweep', 'plan', 'resume', 'pause, cancel, retry, fork']],
  ['Runs', ['ls', 'show', 'watch', 'logs', 'diff', 'best', 'export', 'lineage', 'reproduce']],
  ['The store', ['cache ls', 'cache explain', 'cache invalidate', 'gc']],
  ['Predictions', ['predict']],
  ['Latent space', ['encode', 'decode', 'reconstruct', 'model show', 'model export']],
  [
    'Plugins and data',
    ['plugins ls', 'plugins show', 'plugins check', 'plugins new', 'data simulate', 'data score', 'data perturb'],
  ],
  ['Crystals', ['score', 'relax', 'match', 'symmetry']],
  ['The machine', ['doctor', 'worker']],
];

/** What is said of verbs that share a line, so that the help fits on a screen: by the first word of the line. */
const FAMILIES: Readonly<Record<string, string>> = {
  model: 'Say what a model is; write it to a folder',
  plugins: 'List plugins, print their options, check your own, begin one',
  data: 'Make training data; score or perturb your own',
  cache: 'List results, say why one is not found, take one back',
  'pause,': 'Hold a run, end it, try again what failed, go on from it with changes',
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
    ...inFamilies(names).map(([shown, name]) => [
      `  ${shown}`,
      FAMILIES[shown.split(' ')[0] ?? ''] ??
        (verbs.get(name)?.command.meta as CommandMeta | undefined)?.description ??
        '',
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

/** `plugins ls, show, check` for the verbs of one family; with the name of the first. */
function inFamilies(names: readonly string[]): [string, string][] {
  const lines: [string, string][] = [];
  for (const name of names) {
    const [family = '', second] = name.split(' ');
    const last = lines.at(-1);
    if (second !== undefined && last?.[1].startsWith(`${family} `)) last[0] += `, ${second}`;
    else lines.push([name, name]);
  }
  return lines;
}
