import { execFileSync } from 'node:child_process';

/** Tests that start real processes run the compiled package: build it once, before any test file. */
export default function setup(): void {
  execFileSync(process.execPath, ['infra/build.mjs'], { stdio: 'inherit' });
}
