import { RowError } from './rows.js';

interface Token {
  text: string;
  /** Quoted and multi-line values are never keywords, tags or "not given". */
  quoted: boolean;
  line: number;
}

/** The values of one tag, from a loop or alone. */
export interface CifColumn {
  values: (string | undefined)[];
  /** Line of each value. */
  lines: number[];
}

/** One `data_` block: tags in lower case with `.` as `_`. `?` and `.` are undefined. */
export interface CifBlock {
  name: string;
  line: number;
  columns: Map<string, CifColumn>;
}

const IN_LINE = /'(?:[^']|'(?=\S))*'(?=\s|$)|"(?:[^"]|"(?=\S))*"(?=\s|$)|#.*|\S+/g;

function* tokens(text: string): Generator<Token> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const content = lines[i] as string;
    if (content.startsWith(';')) {
      const line = i + 1;
      const parts = [content.slice(1)];
      for (i++; i < lines.length && !(lines[i] as string).startsWith(';'); i++) parts.push(lines[i] as string);
      if (i === lines.length) throw new RowError('the multi-line value that starts here with ";" is not closed', line);
      yield { text: parts.join('\n').trim(), quoted: true, line };
      continue;
    }
    for (const [word] of content.matchAll(IN_LINE)) {
      if (word.startsWith('#')) break;
      const quoted = word.length > 1 && /^(['"]).*\1$/s.test(word);
      yield { text: quoted ? word.slice(1, -1) : word, quoted, line: i + 1 };
    }
  }
}

/** A block before its tags and values are paired. */
export interface UnreadBlock {
  line: number;
  /** Whether it has a cell or atoms: blocks of authors and journals have neither. */
  describesCrystal: boolean;
  /** @throws RowError */
  read: () => CifBlock;
}

/** Blocks as runs of tokens, so that an error in one leaves the others readable. */
export function splitBlocks(text: string): UnreadBlock[] {
  const runs: { name: string; line: number; tokens: Token[]; broken?: RowError }[] = [];
  try {
    for (const token of tokens(text)) {
      const head = token.quoted ? null : /^data_(.*)$/i.exec(token.text);
      if (head) runs.push({ name: head[1] as string, line: token.line, tokens: [] });
      else runs.at(-1)?.tokens.push(token);
    }
  } catch (cause) {
    if (!(cause instanceof RowError)) throw cause;
    const last = runs.at(-1);
    if (last) last.broken = cause;
    else runs.push({ name: '', line: cause.line ?? 1, tokens: [], broken: cause });
  }
  return runs.map(({ name, line, tokens: run, broken }) => ({
    line,
    describesCrystal:
      broken !== undefined || run.some((t) => !t.quoted && /^_(cell[_.]length|atom_site[_.])/i.test(t.text)),
    read: () => {
      if (broken) throw broken;
      return { name, line, columns: readColumns(run) };
    },
  }));
}

const isTag = (t: Token | undefined): boolean => t !== undefined && !t.quoted && t.text.startsWith('_');
const isLoop = (t: Token | undefined): boolean => t !== undefined && !t.quoted && /^loop_$/i.test(t.text);
const tagOf = (t: Token): string => t.text.toLowerCase().replaceAll('.', '_');
const valueOf = (t: Token): string | undefined =>
  !t.quoted && (t.text === '?' || t.text === '.') ? undefined : t.text;

function readColumns(run: Token[]): Map<string, CifColumn> {
  const columns = new Map<string, CifColumn>();
  for (let i = 0; i < run.length; ) {
    const head = run[i] as Token;
    if (isLoop(head)) {
      i = readLoop(run, i + 1, head.line, columns);
    } else if (isTag(head)) {
      const value = run[i + 1];
      if (value === undefined || isTag(value) || isLoop(value))
        throw new RowError(`${head.text} has no value`, head.line);
      columns.set(tagOf(head), { values: [valueOf(value)], lines: [value.line] });
      i += 2;
    } else {
      throw new RowError(
        `${JSON.stringify(head.text.slice(0, 40))} belongs to no tag; quote values with spaces`,
        head.line,
      );
    }
  }
  return columns;
}

/** Reads the loop whose tags start at `i`; returns the index after it. */
function readLoop(run: Token[], i: number, line: number, columns: Map<string, CifColumn>): number {
  const loop: CifColumn[] = [];
  for (; isTag(run[i]); i++) {
    const column: CifColumn = { values: [], lines: [] };
    loop.push(column);
    columns.set(tagOf(run[i] as Token), column);
  }
  if (loop.length === 0) throw new RowError('a loop_ without tags', line);
  let count = 0;
  for (; i < run.length && !isTag(run[i]) && !isLoop(run[i]); i++, count++) {
    const value = run[i] as Token;
    const column = loop[count % loop.length] as CifColumn;
    column.values.push(valueOf(value));
    column.lines.push(value.line);
  }
  if (count % loop.length !== 0) {
    throw new RowError(`the loop_ has ${loop.length} tags but ${count} values, which is no multiple`, line);
  }
  return i;
}
