#!/usr/bin/env node
import { runCommand } from 'citty';
import { LCOMS_VERSION } from '../lib/version.js';
import { LcomsError } from '../schemas/errors.js';
import { printError } from './errors.js';
import { mainHelp, verbHelp } from './help.js';
import { Output } from './output.js';
import { checkArguments, didYouMean } from './usage.js';
import type { Verb, VerbData } from './verb.js';
import { loadVerb, loadVerbs, VERB_NAMES } from './verbs.js';

// `lcoms ls | head` ends with the reader.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** The verb that the words name: two words (`plugins ls`) before one. */
function findVerb(words: readonly string[]): { name: string; rest: string[] } {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ');
    if (VERB_NAMES.includes(name)) return { name, rest: words.slice(count) };
  }
  const [first = '', second] = words;
  const family = VERB_NAMES.filter((name) => name.startsWith(`${first} `));
  if (family.length > 0) {
    const what =
      second === undefined || second.startsWith('-') ? `${first} is not complete` : `there is no "${first} ${second}"`;
    const guess = second === undefined ? '' : didYouMean(`${first} ${second}`, family);
    throw new LcomsError(
      'LCOMS_E_USAGE',
      `${what}.${guess} The verbs: ${family.map((name) => `lcoms ${name}`).join(', ')}`,
    );
  }
  const known = [...new Set(VERB_NAMES.map((name) => name.split(' ')[0] ?? name))];
  throw new LcomsError(
    'LCOMS_E_USAGE',
    `there is no verb "${first}".${didYouMean(first, known)} The verbs: ${known.join(', ')}`,
  );
}

async function main(argv: readonly string[]): Promise<number> {
  const output = new Output(argv.includes('--json'));
  try {
    const wantsHelp = argv.includes('--help') || argv.includes('-h');
    if (argv.length === 0 || argv[0] === 'help' || (wantsHelp && argv[0]?.startsWith('-'))) {
      process.stdout.write(`${mainHelp(output, await loadVerbs(), LCOMS_VERSION)}\n`);
      return 0;
    }
    if (argv[0] === '--version' || argv[0] === '-v') {
      process.stdout.write(`${LCOMS_VERSION}\n`);
      return 0;
    }
    const { name, rest } = findVerb(argv);
    const verb = await loadVerb(name);
    if (wantsHelp) {
      process.stdout.write(`${verbHelp(output, name, verb)}\n`);
      return 0;
    }
    return await runVerb(name, verb, rest, output);
  } catch (error) {
    return printError(output, error);
  }
}

async function runVerb(name: string, verb: Verb, rawArgs: string[], output: Output): Promise<number> {
  const values = checkArguments(name, verb, rawArgs);
  const data: VerbData = { output, repeated: (option) => values.get(option) ?? [] };
  const { result } = await runCommand(verb.command, { rawArgs, data });
  return typeof result === 'number' ? result : 0;
}

const code = await main(process.argv.slice(2));
// A pipe takes 64 KiB at a time from Node, and exiting would drop the rest.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(code);
