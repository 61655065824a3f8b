import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { packagedFile } from '../lib/package-root.js';
import { LcomsError } from '../schemas/errors.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** The example package of each kind that there is one of, and its name. */
const SKELETONS: Readonly<Record<string, { folder: string; name: string; class: string; files: string[] }>> = {
  optimizer: {
    folder: 'examples/plugin-hill-climb',
    name: 'hill-climb',
    class: 'HillClimb',
    files: ['package.json', 'hill-climb.js', 'hill-climb.test.js', 'README.md'],
  },
};
const KINDS = Object.keys(SKELETONS).join(', ');

const command = defineCommand({
  meta: { name: 'plugins new', description: 'Make the skeleton of a plugin: a package that keeps the contract' },
  args: {
    name: { type: 'positional', required: true, description: 'name of the plugin, e.g. my-search' },
    kind: { type: 'string', valueHint: 'KIND', description: `kind of plugin: ${KINDS} (default optimizer)` },
    out: { type: 'string', valueHint: 'DIR', description: 'folder to make (default lcoms-plugin-NAME)' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const { name, kind = 'optimizer' } = args;
    const skeleton = SKELETONS[kind];
    if (skeleton === undefined) {
      throw new LcomsError('LCOMS_E_USAGE', `--kind ${kind}: there are skeletons of ${KINDS}`, {
        hint: 'docs/plugins.md describes the other kinds; plugins/ has one of each to look at.',
      });
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      throw new LcomsError('LCOMS_E_USAGE', `${name}: a plugin's name is lower-case letters, digits and hyphens`);
    const folder = path.resolve(args.out ?? `lcoms-plugin-${name}`);
    if (existsSync(folder))
      throw new LcomsError('LCOMS_E_FILE', 'it exists already; give --out another folder', { file: folder });
    const className = name.replaceAll(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());
    const renamed = (text: string): string =>
      text.replaceAll(skeleton.name, name).replaceAll(skeleton.class, className);
    const partial = `${folder}.${process.pid}.partial`;
    mkdirSync(partial, { recursive: true });
    try {
      for (const file of skeleton.files) {
        const text = readFileSync(packagedFile(path.join(skeleton.folder, file)), 'utf8');
        writeFileSync(path.join(partial, renamed(file)), renamed(text));
      }
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    const main = path.join(folder, `${name}.js`);
    if (output.json) output.document({ plugin: `${kind}/${name}`, folder, file: main });
    else
      output.say(
        [
          `${folder} has ${kind}/${name}: hill climbing, to be made into your own method.`,
          `  lcoms plugins check ${path.relative(process.cwd(), main) || main}`,
          'README.md in it says how to use it; docs/plugins.md what a plugin is given and must keep.',
        ].join('\n'),
      );
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [['lcoms plugins new my-search --kind optimizer', 'a package with a method, its test and a README']],
};
