import type { ArgsDef, CommandDef } from 'citty';
import type { Output } from './output.js';

/** What a verb is given beside its arguments, as citty's `data`. */
export interface VerbData {
  output: Output;
  /** Every value of an option that may be given more than once. */
  repeated(option: string): string[];
}

/** A verb of the command line: a citty command whose `run` returns the exit code, and what its help shows. */
export interface Verb {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a command is invariant in its arguments
  command: CommandDef<any>;
  /** Command line and what it does. */
  examples: readonly (readonly [string, string])[];
  /** Options that may be given more than once. */
  repeatable?: readonly string[];
  /** The last positional takes all that follow. */
  variadic?: boolean;
  /** Further lines of the help. */
  notes?: readonly string[];
  /** Options that are not for people. */
  hidden?: readonly string[];
}

/** The option that every verb has. */
export const JSON_OPTION = {
  json: { type: 'boolean', description: 'print one JSON document on stdout; messages go to stderr' },
} as const satisfies ArgsDef;
