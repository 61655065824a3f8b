import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand } from 'citty';
import { type LogLine, parseLogLine, runLogFile } from '../activities/compute/run-log.js';
import { readPlan } from '../activities/run-files.js';
import { logsFolder } from '../infra/paths.js';
import { LcomsError } from '../schemas/errors.js';
import { wholeNumber } from './option-values.js';
import type { Output } from './output.js';
import { groupOf } from './progress.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { listRuns } from './run-list.js';
import { peekStates } from './server-peek.js';
import { nearest } from './usage.js';
import type { Verb, VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

const FOLLOW_INTERVAL = 300;
/** How often it is asked whether the run still goes on. */
const ASK_INTERVAL = 2_000;

const command = defineCommand({
  meta: { name: 'logs', description: 'Print what the nodes of a run logged' },
  args: {
    id: { type: 'positional', required: true, description: RUN_ARGUMENT },
    node: {
      type: 'positional',
      required: false,
      description: 'one node, e.g. encoder or start/MgO; or all of `start`',
    },
    follow: { type: 'boolean', alias: 'f', description: 'go on with what comes until the run ends (also -f)' },
    tail: { type: 'string', valueHint: 'N', description: 'only the last N lines of what is there' },
    json: { type: 'boolean', description: 'print JSON, one a line: {time, node, attempt, text}' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const tail = args.tail === undefined ? Number.POSITIVE_INFINITY : wholeNumber('tail', args.tail, 0, 0);
    const workplace = openWorkplace();
    const runId = await knownRun(workplace, args.id);
    const wanted = await nodeFilter(workplace, runId, args.node);
    const file = runLogFile(logsFolder(workplace.home), runId);
    if (!existsSync(file) && !args.follow) {
      output.warn(
        `no log of ${runId} in ${logsFolder(workplace.home)}: nothing has run here, or it ran on another machine`,
      );
      return 0;
    }
    const log = new LogReader(file);
    const lines = (await log.more()).filter(wanted);
    for (const line of tail === 0 ? [] : lines.slice(-tail)) print(output, line);
    if (!args.follow) return 0;
    for (let asked = Number.NEGATIVE_INFINITY, ended = false; !ended; await sleep(FOLLOW_INTERVAL)) {
      if (performance.now() - asked >= ASK_INTERVAL) {
        ended = !(await isRunning(workplace, runId));
        asked = performance.now();
      }
      for (const line of await log.more()) if (wanted(line)) print(output, line);
      await output.drained();
    }
    return 0;
  },
});

/** Whole lines as they come. */
class LogReader {
  #at = 0;
  #rest = Buffer.alloc(0);

  constructor(private readonly file: string) {}

  async more(): Promise<LogLine[]> {
    if (!existsSync(this.file)) return [];
    const handle = await open(this.file, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.#at));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.#at);
      this.#at += bytesRead;
      const text = Buffer.concat([this.#rest, bytes.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(10) + 1;
      this.#rest = text.subarray(end);
      return text
        .subarray(0, end)
        .toString('utf8')
        .split('\n')
        .flatMap((line) => parseLogLine(line) ?? []);
    } finally {
      await handle.close();
    }
  }
}

function print(output: Output, { time, node, attempt, text }: LogLine): void {
  if (output.json) output.document({ time, node, attempt, text }, 0);
  else {
    const who = attempt === null ? node : `${node}#${attempt}`;
    output.say(`${output.style('dim', time.slice(11, 23))} ${output.style('cyan', who)} ${text}`);
  }
}

/** Throws LCOMS_E_NOT_FOUND naming the nodes of the run. */
async function nodeFilter(
  { store }: Workplace,
  runId: string,
  given: string | undefined,
): Promise<(line: LogLine) => boolean> {
  if (given === undefined) return () => true;
  const ids = (await readPlan(store.store, runId)).nodes.map(({ id }) => id);
  if (ids.includes(given)) return ({ node }) => node === given;
  const groups = [...new Set(ids.map(groupOf))];
  if (groups.includes(given)) return ({ node }) => groupOf(node) === given;
  const meant = nearest(given, [...ids, ...groups]);
  throw new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `the run ${runId} has no node "${given}".${meant === null ? '' : ` Did you mean ${meant}?`} Its nodes: ${groups.join(', ')}`,
    { hint: `\`lcoms show ${runId}\` lists every one.` },
  );
}

async function isRunning(workplace: Workplace, runId: string): Promise<boolean> {
  const runs = await listRuns(workplace, await peekStates(workplace));
  return runs.find((run) => run.runId === runId)?.state === 'running';
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms logs last', 'all of it'],
    ['lcoms logs last encoder -f', 'one node, as it goes on'],
    ['lcoms logs last --tail 20 --json', 'the last lines, for scripts'],
  ],
  notes: ['A line begins with its time (UTC), its node and its attempt: encoder#2 is the second attempt.'],
};
