import type { MoyoHallSymbolEntry } from '@spglib/moyo-wasm/moyo_wasm.js';
import type { Mat3, Vec3 } from '../../../schemas/crystal.js';
import { moyo } from '../moyo.js';
import type { CifBlock } from './cif-tokens.js';
import { RowError, show } from './rows.js';

/** x' = rotation . x + translation, on fractional coordinates. */
export interface SymmetryOperation {
  rotation: Mat3;
  translation: Vec3;
}

const TERM = /([+-]?)(?:(\d+\.?\d*|\.\d+)(?:\/(\d+))?\*?)?([xyz])?/y;

/** `-x+1/2, y, x-z` as an operation. @throws RowError */
export function parseOperation(text: string, line: number): SymmetryOperation {
  const wrong = new RowError(`${show(text)} is not a symmetry operation such as "-x+1/2, y, x-z"`, line);
  const parts = text.toLowerCase().replace(/\s+/g, '').split(',');
  if (parts.length !== 3) throw wrong;
  const operation: SymmetryOperation = {
    rotation: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    translation: [0, 0, 0],
  };
  for (const [row, part] of parts.entries()) {
    if (part === '') throw wrong;
    TERM.lastIndex = 0;
    while (TERM.lastIndex < part.length) {
      const [matched = '', sign, number, divisor, axis] = TERM.exec(part) ?? [];
      if (number === undefined && axis === undefined) throw wrong;
      if (matched === '') throw wrong;
      const value = (sign === '-' ? -1 : 1) * (Number(number ?? 1) / Number(divisor ?? 1));
      const rotation = operation.rotation[row] as Vec3;
      if (axis === undefined) operation.translation[row] = (operation.translation[row] as number) + value;
      else rotation['xyz'.indexOf(axis)] = (rotation['xyz'.indexOf(axis)] as number) + value;
    }
  }
  return operation;
}

const OPERATION_TAGS = [
  '_space_group_symop_operation_xyz',
  '_symmetry_equiv_pos_as_xyz',
  '_space_group_symop_operation_xyz_',
  '_symmetry_equiv_pos_as_xyz_',
];
const SYMBOL_TAGS = [
  '_space_group_name_hall',
  '_symmetry_space_group_name_hall',
  '_space_group_name_h-m_alt',
  '_symmetry_space_group_name_h-m',
];
const NUMBER_TAGS = ['_space_group_it_number', '_symmetry_int_tables_number'];

let settings: MoyoHallSymbolEntry[] | undefined;

/** The 530 settings of space groups, in spglib's order: the usual setting of a group comes first. */
function allSettings(): MoyoHallSymbolEntry[] {
  settings ??= Array.from({ length: 530 }, (_, i) => moyo().hall_symbol_entry(i + 1));
  return settings;
}

const plain = (symbol: string): string => symbol.replace(/[\s_]/g, '').replace(/:.*$/, '').toLowerCase();

function operationsOfSetting(entry: MoyoHallSymbolEntry): SymmetryOperation[] {
  const setting = { type: 'HallNumber', value: entry.hall_number } as const;
  return moyo()
    .operations_from_number(entry.number, setting, false)
    .map(({ rotation: r, translation }) => ({
      rotation: [
        [r[0], r[1], r[2]],
        [r[3], r[4], r[5]],
        [r[6], r[7], r[8]],
      ],
      translation,
    }));
}

/** Without operations the group's symbol or number has to do, in its first listed setting. */
function fromGroup(block: CifBlock): SymmetryOperation[] | undefined {
  for (const tag of SYMBOL_TAGS) {
    const column = block.columns.get(tag);
    const symbol = column?.values[0];
    if (symbol === undefined) continue;
    const wanted = plain(symbol);
    const entry = allSettings().find((s) =>
      [s.hall_symbol, s.hm_short, s.hm_full].some((name) => plain(name) === wanted),
    );
    if (entry) return operationsOfSetting(entry);
  }
  for (const tag of NUMBER_TAGS) {
    const column = block.columns.get(tag);
    const text = column?.values[0];
    if (text === undefined) continue;
    const entry = allSettings().find((s) => s.number === Number(text));
    if (entry) return operationsOfSetting(entry);
    throw new RowError(`space group ${show(text)}: there are numbers 1 to 230`, column?.lines[0]);
  }
  const named = SYMBOL_TAGS.map((tag) => block.columns.get(tag)).find((c) => c?.values[0] !== undefined);
  if (!named) return undefined;
  throw new RowError(
    `${show(named.values[0])} is not a space group; list its operations or give its number`,
    named.lines[0],
  );
}

/** Operations of a block: listed ones, else those of the space group it names, else the identity. @throws RowError */
export function operationsOf(block: CifBlock): SymmetryOperation[] {
  for (const tag of OPERATION_TAGS) {
    const column = block.columns.get(tag);
    const listed = column?.values.flatMap((text, i) =>
      text === undefined ? [] : [parseOperation(text, column.lines[i] as number)],
    );
    if (listed && listed.length > 0) return listed;
  }
  return fromGroup(block) ?? [parseOperation('x,y,z', block.line)];
}
