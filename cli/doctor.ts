import { defineCommand } from 'citty';
import { LCOMS_VERSION } from '../lib/version.js';
import { LcomsError } from '../schemas/errors.js';
import {
  checkCalculators,
  checkNode,
  checkStore,
  checkTemporal,
  checkTools,
  type Problem,
  probeLibraries,
} from './doctor-checks.js';
import type { Probe } from './doctor-probe.js';
import { table } from './output.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'doctor', description: 'Check that runs can work here; every problem comes with what mends it' },
  args: JSON_OPTION,
  run: async ({ data }) => {
    const { output } = data as VerbData;
    const problems: Problem[] = checkNode();
    let workplace: Workplace | null = null;
    try {
      workplace = openWorkplace();
      problems.push(...(await checkStore(workplace)));
    } catch (error) {
      if (!(error instanceof LcomsError)) throw error;
      problems.push({ code: error.code, message: error.message, fix: error.hint, severity: 'error' });
    }
    const libraries = await probeLibraries();
    const temporal = await checkTemporal();
    problems.push(...libraries.problems, ...temporal.problems);
    const tools = await checkTools(problems.length > 0);
    const { calculators, problems: ofPython } = await checkCalculators();
    problems.push(...tools.problems, ...ofPython);

    const { backend, scorers } = libraries.probe;
    const works = problems.every(({ severity }) => severity === 'warning');
    const store = workplace?.store.store.describe() ?? null;
    if (output.json) {
      const details = { lcoms: LCOMS_VERSION, home: workplace?.home ?? null, backend, tools: tools.tools, calculators };
      const node = process.versions.node;
      output.document({
        backend: backend?.name ?? null,
        node,
        temporal: temporal.temporal,
        store,
        scorers,
        problems,
        details,
      });
      return works ? 0 : 3;
    }
    output.say(
      table([
        ['lcoms', LCOMS_VERSION],
        ['node', process.versions.node],
        ['home', workplace?.home ?? '-'],
        ['store', store ?? '-'],
        ...backendRows(backend),
        ['temporal', temporal.temporal ?? '-'],
        ...scorers.map(({ name, version, weights, runtime }) => [
          'scorer',
          `${name} ${version} (${runtime}, weights ${weights.slice(0, 12)})`,
        ]),
        ['calculators', calculators],
        ...Object.entries(tools.tools).map(([name, version]) => [
          name === 'toolCache' ? 'tool cache' : name,
          version ?? 'not found',
        ]),
      ]),
    );
    for (const { code, message, fix, severity } of problems) {
      output.say(
        `\n${output.style(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`)}\n  ${message}\n  ${output.style('cyan', 'fix')} ${fix}`,
      );
    }
    output.say(
      problems.length === 0
        ? '\nAll is well.'
        : works
          ? '\nRuns work, with the warnings above.'
          : '\nRuns can not work until this is mended.',
    );
    return works ? 0 : 3;
  },
});

/** The backend in use with what it computes on, and why each one before it was passed over. */
function backendRows(backend: Probe['backend']): string[][] {
  if (backend === null) return [['backend', '-']];
  const { name, version, threads, device, tried } = backend;
  const slow = name === 'cpu' ? ' (plain JavaScript: slow)' : '';
  const place = device ?? `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return [
    ['backend', `${name} ${version}, ${place}${slow}`],
    ...tried.map((other) => ['  not used', `${other.name}: ${other.problem}`]),
  ];
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms doctor', 'what works, what does not, and what mends it'],
    ["lcoms doctor --json | jq '.problems'", 'for scripts; the exit code is 0 or 3'],
  ],
};
