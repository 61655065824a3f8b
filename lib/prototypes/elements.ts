import type { StructureType } from './structure-type.js';

/** Structure types of elements. */
export const ELEMENT_TYPES: readonly StructureType[] = [
  { name: 'fcc', spaceGroup: 225, cell: { a: 3.615 }, sites: { Cu: 'a' }, like: ['Al', 'Ni', 'Ca', 'Pb', 'Ar'] },
  { name: 'bcc', spaceGroup: 229, cell: { a: 3.165 }, sites: { W: 'a' }, like: ['Na', 'Fe', 'Ba', 'V'] },
  {
    name: 'hcp',
    spaceGroup: 194,
    cell: { a: 3.209, c: 5.211 },
    sites: { Mg: 'c' },
    like: ['Ti', 'Co', 'Zn', 'Y', 'Re'],
  },
  { name: 'dhcp', spaceGroup: 194, cell: { a: 3.774, c: 12.17 }, sites: { La: 'a + c' }, like: ['Nd'] },
  { name: 'simple cubic', spaceGroup: 221, cell: { a: 3.35 }, sites: { Po: 'a' } },
  { name: 'simple hexagonal', spaceGroup: 191, cell: { a: 3.21, c: 2.98 }, sites: { Sn: 'a' }, like: ['Hg'] },
  { name: 'diamond', spaceGroup: 227, cell: { a: 5.431 }, sites: { Si: 'a' }, like: ['C', 'Ge', 'Sn'] },
  { name: 'graphite-2H', spaceGroup: 194, cell: { a: 2.461, c: 6.708 }, sites: { C: 'b + c' } },
  { name: 'graphite-3R', spaceGroup: 166, cell: { a: 2.461, c: 10.06 }, sites: { C: 'c 0.16667' } },
  { name: 'beta-Sn (A5)', spaceGroup: 141, cell: { a: 5.832, c: 3.182 }, sites: { Sn: 'a' } },
  { name: 'In (A6)', spaceGroup: 139, cell: { a: 3.253, c: 4.947 }, sites: { In: 'a' } },
  { name: 'As (A7)', spaceGroup: 166, cell: { a: 3.76, c: 10.548 }, sites: { As: 'c 0.227' }, like: ['Sb', 'Bi'] },
  { name: 'Se (A8)', spaceGroup: 152, cell: { a: 4.366, c: 4.954 }, sites: { Se: 'a 0.225' }, like: ['Te'] },
  { name: 'Ga (A11)', spaceGroup: 64, cell: { a: 4.519, b: 7.658, c: 4.526 }, sites: { Ga: 'f 0.1539 0.081' } },
  {
    name: 'I2 (A14)',
    spaceGroup: 64,
    cell: { a: 7.18, b: 4.71, c: 9.81 },
    sites: { I: 'f 0.154 0.117' },
    like: ['Br', 'Cl'],
  },
  { name: 'black P (A17)', spaceGroup: 64, cell: { a: 3.314, b: 10.478, c: 4.376 }, sites: { P: 'f 0.1017 0.0806' } },
  { name: 'U (A20)', spaceGroup: 63, cell: { a: 2.854, b: 5.869, c: 4.955 }, sites: { U: 'c 0.1025' } },
  { name: 'beta-Mn (A13)', spaceGroup: 213, cell: { a: 6.315 }, sites: { Mn: 'c 0.0636 + d 0.2022' } },
  { name: 'alpha-N2', spaceGroup: 205, cell: { a: 5.66 }, sites: { N: 'c 0.054' }, like: ['H', 'O', 'F'] },
];
