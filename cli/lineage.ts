import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { allManifests } from '../lib/artifacts/manifests.js';
import { sha256 } from '../lib/hashing/sha256.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import { lineageDot, lineageSvg } from './lineage-drawing.js';
import { type Lineage, lineageOfManifest, lineageOfRun } from './lineage-graph.js';
import { oneOf } from './option-values.js';
import { outFile } from './out-file.js';
import { table } from './output.js';
import { loadRun } from './run-facts.js';
import { knownRun, LAST, matchingRuns } from './run-id.js';
import { nearest } from './usage.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

const FORMATS = ['text', 'json', 'dot', 'svg'] as const;

const command = defineCommand({
  meta: { name: 'lineage', description: 'Say which data, code and plugins made a run, a result or a file' },
  args: {
    of: {
      type: 'positional',
      required: true,
      description:
        'a run, a node of one (encoder, start/MgO), a digest or key (8 digits or more), or a file of the results',
    },
    run: { type: 'string', valueHint: 'RUN', description: 'the run that the node is of (default last)' },
    format: { type: 'string', valueHint: 'FORMAT', description: `${FORMATS.join(', ')} (default text)` },
    out: { type: 'string', valueHint: 'FILE', description: 'file to write; stdout otherwise' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const format = oneOf('format', args.format, FORMATS, output.json ? 'json' : 'text');
    const out = args.out === undefined ? null : outFile('lineage', args.out, `lineage.${format}`);
    const { title, about, lineage } = await find(openWorkplace(), args.of, args.run);
    const text =
      format === 'json'
        ? `${JSON.stringify({ ...about, nodes: lineage.nodes, edges: lineage.edges }, null, 2)}\n`
        : format === 'dot'
          ? lineageDot(lineage, title)
          : format === 'svg'
            ? lineageSvg(lineage, title)
            : textOf(title, lineage);
    if (out === null) process.stdout.write(text);
    else {
      try {
        writeFileSync(out, text);
      } catch (cause) {
        throw new LcomsError('LCOMS_E_FILE', 'cannot be written', { file: out, cause });
      }
      if (output.json && format !== 'json') output.document({ file: out, format, nodes: lineage.nodes.length });
      else output.say(`${out}: ${lineage.nodes.length} nodes`);
    }
    return 0;
  },
});

interface Found {
  title: string;
  about: Record<string, unknown>;
  lineage: Lineage;
}

async function find(workplace: Workplace, of: string, inRun: string | undefined): Promise<Found> {
  const runs = inRun === undefined ? await matchingRuns(workplace.store.store, of) : [];
  if (runs.length === 1) return await ofRun(workplace, runs[0] as string, null);
  if (existsSync(of) && statSync(of).isFile()) {
    const digest = sha256(readFileSync(of));
    const maker = (await allManifests(workplace.store.store)).find(({ artifact }) =>
      artifact.blobs.some((blob) => blob.digest === digest),
    );
    if (maker) return await ofManifest(workplace, maker, of);
    throw new LcomsError(
      'LCOMS_E_NOT_FOUND',
      `nothing in ${workplace.store.store.describe()} has the bytes of this file`,
      {
        file: of,
        hint: 'timings.csv, costs.csv and plan.json are written for people; a changed file is no result any more.',
      },
    );
  }
  if (/^[0-9a-f]{8,64}$/.test(of)) {
    const maker = (await allManifests(workplace.store.store)).find(
      ({ key, artifact }) =>
        [key, artifact.digest].some((digest) => digest.startsWith(of)) ||
        artifact.blobs.some(({ digest }) => digest.startsWith(of)),
    );
    if (maker) return await ofManifest(workplace, maker, of);
  }
  return await ofNode(workplace, of, inRun);
}

async function ofRun(workplace: Workplace, runId: string, node: string | null): Promise<Found> {
  const facts = await loadRun(workplace, runId);
  const { plan } = facts;
  return {
    title: `${node === null ? '' : `${node} of `}${runId}, lcoms ${plan.lcoms}`,
    about: {
      of: { run: runId, node },
      specFile: plan.specFile,
      specHash: plan.specHash,
      environment: plan.environment ?? null,
    },
    lineage: lineageOfRun(facts, node),
  };
}

async function ofManifest(workplace: Workplace, manifest: NodeManifest, given: string): Promise<Found> {
  const lineage = lineageOfManifest(manifest, await allManifests(workplace.store.store));
  const { run, lcoms } = manifest.provenance;
  return {
    title: `${given}, lcoms ${lcoms}`,
    about: { of: { given, key: manifest.key, digest: manifest.artifact.digest, run: run ?? null } },
    lineage,
  };
}

async function ofNode(workplace: Workplace, node: string, inRun: string | undefined): Promise<Found> {
  const runId = (await matchingRuns(workplace.store.store, inRun ?? LAST))[0];
  if (runId === undefined && inRun === undefined)
    throw new LcomsError('LCOMS_E_NOT_FOUND', `there is no run, result or file "${node}"; there are no runs yet`);
  const id = await knownRun(workplace, inRun ?? LAST);
  const ids = (await loadRun(workplace, id)).nodes.map((each) => each.id);
  if (ids.includes(node)) return await ofRun(workplace, id, node);
  const meant = nearest(node, ids);
  throw new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `"${node}" is no run, no file, no digest, and no node of ${id}.${meant === null ? '' : ` Did you mean ${meant}?`}`,
    { hint: `\`lcoms ls\` lists the runs, \`lcoms show ${id}\` the nodes of that one.` },
  );
}

function textOf(title: string, { nodes, edges }: Lineage): string {
  const rows = nodes.map(({ id, kind, plugin, step, digest, provenance }) => [
    id,
    kind === 'file' ? 'file' : (plugin ?? step ?? ''),
    digest?.slice(0, 12) ?? 'not made',
    provenance ? `lcoms ${provenance.lcoms}${provenance.backend === null ? '' : `, ${provenance.backend}`}` : '',
    [...new Set(edges.filter(({ to }) => to === id).map(({ from }) => from))].join(', ').slice(0, 80) || '-',
  ]);
  return `${title}\n\n${table([['what', 'by', 'digest', 'with', 'from'], ...rows])}\n`;
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms lineage last --format svg --out lineage.svg', 'the whole run as a picture'],
    ['lcoms lineage surrogate', 'what the surrogate of the newest run was made of'],
    ['lcoms lineage lcoms-out/ID/results.csv --json', 'which data, code and plugins made this file'],
  ],
};
