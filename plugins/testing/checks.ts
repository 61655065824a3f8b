/** What one check of the contract kit found. A skipped check is ok and says why it was skipped. */
export interface CheckResult {
  name: string;
  ok: boolean;
  skipped?: string;
  detail?: string;
}

class Skipped extends Error {}

/** Ends the running check as skipped. */
export function skip(why: string): never {
  throw new Skipped(why);
}

/** Ends the running check as failed unless the condition holds. */
export function demand(condition: boolean, detail: string): asserts condition {
  if (!condition) throw new Error(detail);
}

/** Runs checks one after the other and keeps what they found. */
export class Checks {
  readonly results: CheckResult[] = [];

  /** Whatever `body` throws fails the check. Returns what `body` gives, or undefined. */
  async run<T>(name: string, body: () => T | Promise<T>): Promise<T | undefined> {
    try {
      const value = await body();
      this.results.push({ name, ok: true });
      return value;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.results.push(
        error instanceof Skipped ? { name, ok: true, skipped: message } : { name, ok: false, detail: message },
      );
      return undefined;
    }
  }
}
