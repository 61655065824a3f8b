// One run of test/fixtures/specs/kills.yaml by the real command line, whose processes can be killed (Linux: /proc).
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '..');
const MAIN = path.join(root, 'dist', 'cli', 'main.js');
const SPEC = path.join(root, 'test', 'fixtures', 'specs', 'kills.yaml');
/** Longest wait for a phase, or for a sign of recovery, ms. */
const PATIENCE = 240_000;
/** How long the object store stays away, ms. */
const OUTAGE = 1_500;

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

export class KilledRun {
  #child = null;
  #ended = null;
  #output = '';

  constructor(folder, s3, prefix) {
    this.folder = folder;
    this.s3 = s3;
    mkdirSync(folder, { recursive: true });
    this.home = path.join(folder, 'home');
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(LCOMS_(?!TOOL_CACHE)|TEMPORAL_(?!CLI_PATH)|AWS_|VITEST)/.test(name),
    );
    this.env = {
      ...Object.fromEntries(inherited),
      ...s3.env,
      LCOMS_HOME: this.home,
      LCOMS_STORE: `s3://kills/${prefix}?endpoint=${s3.endpoint}&create=true`,
      LCOMS_CHECKPOINT_STEPS: '8',
      LCOMS_CHECKPOINT_SECONDS: '1000',
      LCOMS_BACKEND: 'wasm',
      LCOMS_HEARTBEAT_MS: '10000',
      LCOMS_RETRY_MS: '200',
      LCOMS_RETRY_MAXIMUM_MS: '2000',
      LCOMS_ATTEMPTS: '50',
      LCOMS_SCORE_CONCURRENCY: '1',
    };
  }

  async start() {
    this.#spawn(['run', SPEC, '--out', path.join(this.folder, 'out'), '--json']);
    await this.#until(() => this.runId() !== null, 'the start of the run');
  }

  runId() {
    try {
      return (
        readdirSync(path.join(this.home, 'logs', 'runs'))
          .find((name) => name.startsWith('kills-'))
          ?.replace('.log', '') ?? null
      );
    } catch {
      return null;
    }
  }

  log() {
    return read(path.join(this.home, 'logs', 'runs', `${this.runId()}.log`));
  }

  output() {
    return this.#output;
  }

  /** Kills `victim` `delay` ms into `phase`, mends what does not mend itself, and waits for the first sign of life. */
  async kill(victim, phase, delay) {
    const from = this.log().length;
    const sign =
      phase === 'checkpoint' ? / encoder#\d+ checkpoint at step \d+: writing/ : new RegExp(` ${phase}#\\d+ begins`);
    // A node that began before we came to look for it counts as well.
    const over = phase === 'checkpoint' ? / surrogate#\d+ begins/ : null;
    await this.#until(() => {
      const text = phase === 'checkpoint' ? this.log().slice(from) : this.log();
      return sign.test(text) || over?.test(text) || this.#child.exitCode !== null;
    }, phase);
    await sleep(phase === 'checkpoint' ? Math.min(delay, 30) : delay);
    const before = this.log();
    const server = this.#server();
    const at = Date.now();
    this.#slay(victim);
    const lost = (at - this.#safeSince(before, phase)) / 1000;
    let by = 'itself';
    if (victim === 's3' || victim === 'all') {
      await sleep(victim === 's3' ? OUTAGE : 0);
      await this.s3.restart();
    }
    const mended = Date.now();
    if (victim === 'all') {
      await this.#ended;
      by = 'resume';
      this.#spawn(['resume', this.runId(), '--json']);
    }
    await this.#until(() => {
      if (this.#child.exitCode !== null) return true;
      if (victim === 'temporal') return this.#server() !== server && this.#server() !== undefined;
      return /#\d+ begins|: written in/.test(this.log().slice(before.length));
    }, `recovery from the end of ${victim}`);
    return { when: whenOf(before, phase), by, recovery: (Date.now() - mended) / 1000, lost: Math.max(0, lost) };
  }

  /** Exit code of the run (130 after the patience is over). */
  async end(patience) {
    const code = await Promise.race([this.#ended, sleep(patience, 130, { ref: false })]);
    if (code === 130) this.#slay('all');
    return code;
  }

  isOver() {
    return this.#child.exitCode !== null;
  }

  /** Ends whatever is left of it. */
  sweep() {
    for (const pid of Object.values(this.#processes()).flat()) process.kill(pid, 'SIGKILL');
  }

  /** Digest of the artifact of every node. */
  async digests() {
    const { text } = await this.#lcoms(['show', this.runId(), '--json']);
    return Object.fromEntries(JSON.parse(text).nodes.map(({ id, artifact }) => [id, artifact?.digest]));
  }

  /** Seconds of the nodes and of all. */
  durations() {
    const lines = this.log().trim().split('\n');
    const time = (line) => Date.parse(line.split(' ')[0]);
    const nodes = {};
    for (const line of lines) {
      const id = nodeOf(line);
      const begun = lines.find((l) => nodeOf(l) === id && l.includes('begins'));
      nodes[id] = Math.max(nodes[id] ?? 0.3, (time(line) - time(begun)) / 1000);
    }
    return { nodes, total: (time(lines.at(-1)) - time(lines[0])) / 1000 };
  }

  #spawn(args) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (text) => (this.#output += text));
    this.#ended = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve(code ?? signal)));
  }

  async #lcoms(args) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    await new Promise((resolve) => child.once('close', resolve));
    return { text };
  }

  #server() {
    try {
      return JSON.parse(read(path.join(this.home, 'temporal', 'server.json'))).pid;
    } catch {
      return undefined;
    }
  }

  #slay(victim) {
    const pids = this.#processes();
    const chosen = {
      compute: pids.compute,
      worker: pids.worker,
      temporal: [this.#server()],
      s3: [this.s3.pid()],
      all: [this.#child.pid, this.#server(), ...pids.worker, ...pids.compute, this.s3.pid()],
    }[victim];
    for (const pid of chosen) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }

  #processes() {
    const found = { worker: [], compute: [] };
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (!read(`/proc/${pid}/environ`).split('\0').includes(`LCOMS_HOME=${this.home}`)) continue;
      const command = read(`/proc/${pid}/cmdline`);
      if (command.includes('compute/process.js')) found.compute.push(Number(pid));
      if (command.includes('worker/main.js')) found.worker.push(Number(pid));
    }
    return found;
  }

  /** Time (ms) of the newest checkpoint of the phase's node, or of its begin. */
  #safeSince(log, phase) {
    const id = phase === 'checkpoint' ? 'encoder' : phase;
    const line = log
      .trim()
      .split('\n')
      .filter((l) => nodeOf(l) === id && /begins|: written in/.test(l))
      .at(-1);
    return line === undefined ? Date.now() : Date.parse(line.split(' ')[0]);
  }

  async #until(probe, what) {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(4)) if (probe()) return;
    throw new Error(`waited in vain for ${what}; the run:\n${this.#output.slice(-2000)}\n${this.log().slice(-2000)}`);
  }
}

/** Id of the node that a line of the log is of: `<time> <node>#<attempt> ...`. */
function nodeOf(line) {
  return line.split(' ')[1]?.replace(/#\d+$/, '');
}

/** The phase with the newest step that its node had told. */
function whenOf(log, phase) {
  const id = phase === 'checkpoint' ? 'encoder' : phase;
  const line =
    log
      .trim()
      .split('\n')
      .filter((l) => nodeOf(l) === id)
      .at(-1) ?? '';
  const step = /checkpoint at step (\d+)/.exec(line)?.[1] ?? /"step":(\d+)/.exec(line)?.[1];
  if (phase === 'checkpoint') return `checkpoint ${step ?? '?'} being written`;
  return `${phase}${step === undefined ? '' : `, step ${step}`}`;
}
