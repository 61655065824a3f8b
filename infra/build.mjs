// Compiles the package to dist/ (incremental) and bundles the workflows, so that a worker starts without webpack.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.json')], { stdio: 'inherit', cwd: root });

const entry = path.join(root, 'dist', 'workflows', 'index.js');
const bundle = path.join(root, 'dist', 'workflow-bundle.js');
const newest = (dir) =>
  readdirSync(dir, { withFileTypes: true }).reduce((t, e) => {
    const file = path.join(dir, e.name);
    return Math.max(t, e.isDirectory() ? newest(file) : statSync(file).mtimeMs);
  }, 0);
if (existsSync(entry)) {
  const sources = Math.max(newest(path.dirname(entry)), newest(path.join(root, 'dist', 'schemas')));
  if (!existsSync(bundle) || statSync(bundle).mtimeMs < sources) {
    const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
    const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: new DefaultLogger('WARN') });
    writeFileSync(bundle, code);
  }
}
