import type { StructureType } from './structure-type.js';

/** Structure types of binary compounds of other ratios than AX, AX2 and AX3. */
export const OTHER_BINARY_TYPES: readonly StructureType[] = [
  // A2X3
  {
    name: 'corundum',
    spaceGroup: 167,
    cell: { a: 4.759, c: 12.99 },
    sites: { Al: 'c 0.352', O: 'e 0.306' },
    like: ['Fe2O3', 'Cr2O3'],
  },
  {
    name: 'A-La2O3',
    spaceGroup: 164,
    cell: { a: 3.937, c: 6.129 },
    sites: { La: 'd 0.2455', O: 'a + d 0.6471' },
    like: ['Mg3Sb2', 'Ca3N2'],
  },
  {
    name: 'Bi2Te3',
    spaceGroup: 166,
    cell: { a: 4.386, c: 30.5 },
    sites: { Te: 'a + c 0.212', Bi: 'c 0.4' },
    like: ['Sb2Te3', 'Bi2Se3'],
  },
  {
    name: 'Sb2S3',
    spaceGroup: 62,
    cell: { a: 11.28, b: 3.83, c: 11.22 },
    sites: { Sb: 'c 0.0281 0.6743 + c 0.3505 0.464', S: 'c 0.0494 0.131 + c 0.3746 0.0608 + c 0.2078 0.8083' },
    like: ['La2S3'],
  },
  {
    name: 'bixbyite',
    spaceGroup: 206,
    cell: { a: 10.117 },
    sites: { In: 'b + d 0.466', O: 'e 0.39 0.155 0.382' },
    like: ['Y2O3', 'Mg3N2', 'Mn2O3'],
  },
  {
    name: 'Ni2Al3',
    spaceGroup: 164,
    cell: { a: 4.036, c: 4.9 },
    sites: { Al: 'a + d 0.648', Ni: 'd 0.149' },
    like: ['Pd2In3'],
  },
  {
    name: 'U3Si2',
    spaceGroup: 127,
    cell: { a: 7.33, c: 3.9 },
    sites: { U: 'a + h 0.181', Si: 'g 0.389' },
    like: ['Zr3Al2', 'Y3Rh2'],
  },
  // A3X4
  {
    name: 'spinel A3X4',
    spaceGroup: 227,
    cell: { a: 8.396 },
    sites: { Fe: 'a + d', O: 'e 0.2549' },
    like: ['Co3O4', 'Si3N4'],
  },
  {
    name: 'Th3P4',
    spaceGroup: 220,
    cell: { a: 8.653 },
    sites: { Th: 'a', P: 'c 0.083' },
    like: ['La3S4', 'Zr3N4', 'Ca4Bi3'],
  },
  {
    name: 'beta-Si3N4',
    spaceGroup: 176,
    cell: { a: 7.607, c: 2.911 },
    sites: { Si: 'h 0.1733 0.7694', N: 'c + h 0.3323 0.0314' },
    like: ['Ge3N4'],
  },
  // AX4
  { name: 'SiF4', spaceGroup: 217, cell: { a: 5.41 }, sites: { Si: 'a', F: 'c 0.165' }, like: ['CF4'] },
  { name: 'SnF4', spaceGroup: 139, cell: { a: 4.04, c: 7.93 }, sites: { Sn: 'a', F: 'c + e 0.237' }, like: ['PbF4'] },
  {
    name: 'BaAl4',
    spaceGroup: 139,
    cell: { a: 4.54, c: 11.16 },
    sites: { Ba: 'a', Al: 'd + e 0.38' },
    like: ['SrGa4', 'LaZn4'],
  },
  {
    name: 'MoNi4',
    spaceGroup: 87,
    cell: { a: 5.72, c: 3.56 },
    sites: { Mo: 'a', Ni: 'h 0.4 0.2' },
    like: ['WNi4', 'Au4Zr'],
  },
  // others
  {
    name: 'CaCu5',
    spaceGroup: 191,
    cell: { a: 5.08, c: 4.09 },
    sites: { Ca: 'a', Cu: 'c + g' },
    like: ['LaNi5', 'SrAg5'],
  },
  { name: 'CaB6', spaceGroup: 221, cell: { a: 4.145 }, sites: { Ca: 'a', B: 'f 0.207' }, like: ['LaB6'] },
  {
    name: 'ThMn12',
    spaceGroup: 139,
    cell: { a: 8.74, c: 4.95 },
    sites: { Th: 'a', Mn: 'f + i 0.361 + j 0.277' },
    like: ['YFe12', 'CaBe12'],
  },
  {
    name: 'Mn5Si3',
    spaceGroup: 193,
    cell: { a: 6.91, c: 4.81 },
    sites: { Mn: 'd + g 0.2358', Si: 'g 0.5992' },
    like: ['Y5Ge3', 'La5Pb3', 'Ti5Sn3'],
  },
];
