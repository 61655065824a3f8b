import type { StructureType } from './structure-type.js';

/** Structure types of ternary compounds with four X: ABX4, AB2X4, A3BX4. */
export const ABX4_TYPES: readonly StructureType[] = [
  // ABX4
  {
    name: 'zircon',
    spaceGroup: 141,
    cell: { a: 6.607, c: 5.982 },
    sites: { Zr: 'a', Si: 'b', O: 'h 0.0661 0.1953' },
    like: ['YVO4', 'CaCrO4'],
  },
  {
    name: 'scheelite',
    spaceGroup: 88,
    cell: { a: 5.243, c: 11.376 },
    sites: { W: 'a', Ca: 'b', O: 'f 0.1504 0.0085 0.2111' },
    like: ['KIO4', 'LiYF4', 'BaMoO4'],
  },
  {
    name: 'wolframite',
    spaceGroup: 13,
    cell: { a: 4.83, b: 5.759, c: 4.998, beta: 91.16 },
    sites: { Mn: 'f 0.6856', W: 'e 0.18', O: 'g 0.2108 0.1022 0.9439 + g 0.2504 0.3747 0.3929' },
    like: ['MgWO4', 'InNbO4'],
  },
  {
    name: 'barite',
    spaceGroup: 62,
    cell: { a: 8.884, b: 5.456, c: 7.157 },
    sites: { Ba: 'c 0.1845 0.1585', S: 'c 0.437 0.691', O: 'c 0.587 0.607 + c 0.318 0.55 + d 0.4194 0.0293 0.8123' },
    like: ['KClO4', 'CsBF4'],
  },
  {
    name: 'anhydrite',
    spaceGroup: 63,
    cell: { a: 6.245, b: 6.995, c: 6.993 },
    sites: { Ca: 'c 0.6524', S: 'c 0.1556', O: 'f 0.0162 0.0974 + g 0.1699 0.2976' },
    like: ['NaClO4', 'NaBF4'],
  },
  {
    name: 'TlAlF4',
    spaceGroup: 123,
    cell: { a: 3.61, c: 6.37 },
    sites: { Tl: 'd', Al: 'a', F: 'f + g 0.273' },
    like: ['KFeF4', 'RbAlF4'],
  },
  {
    name: 'BPO4',
    spaceGroup: 82,
    cell: { a: 4.332, c: 6.64 },
    sites: { B: 'c', P: 'a', O: 'g 0.138 0.2605 0.1277' },
    like: ['BAsO4'],
  },
  // AB2X4
  {
    name: 'spinel',
    spaceGroup: 227,
    cell: { a: 8.083 },
    sites: { Mg: 'a', Al: 'd', O: 'e 0.2624' },
    like: ['ZnCr2S4', 'ZnGa2O4', 'Li2NiF4', 'TiMg2O4', 'CdIn2Se4'],
  },
  {
    name: 'K2NiF4',
    spaceGroup: 139,
    cell: { a: 4.006, c: 13.076 },
    sites: { K: 'e 0.352', Ni: 'a', F: 'c + e 0.151' },
    like: ['Sr2TiO4', 'Cs2CrCl4', 'La2NiO4'],
  },
  {
    name: 'CdGa2S4',
    spaceGroup: 82,
    cell: { a: 5.577, c: 10.08 },
    sites: { Cd: 'a', Ga: 'b + c', S: 'g 0.27 0.26 0.14' },
    like: ['ZnAl2Se4', 'HgIn2Te4'],
  },
  {
    name: 'olivine',
    spaceGroup: 62,
    cell: { a: 10.19, b: 5.98, c: 4.753 },
    sites: {
      Mg: 'a + c 0.2774 0.9915',
      Si: 'c 0.094 0.4262',
      O: 'c 0.0913 0.7657 + c 0.4474 0.2215 + d 0.1628 0.0331 0.2777',
    },
    like: ['BeAl2O4', 'Ca2SiS4'],
  },
  {
    name: 'beta-K2SO4',
    spaceGroup: 62,
    cell: { a: 7.476, b: 5.763, c: 10.071 },
    sites: {
      K: 'c 0.6739 0.4105 + c 0.989 0.7046',
      S: 'c 0.233 0.4204',
      O: 'c 0.0377 0.416 + c 0.2967 0.5589 + d 0.3008 0.041 0.3521',
    },
    like: ['Cs2ZnCl4', 'Ba2TiO4', 'Rb2CrO4'],
  },
  // A3BX4
  {
    name: 'sulvanite',
    spaceGroup: 215,
    cell: { a: 5.39 },
    sites: { V: 'a', Cu: 'd', S: 'e 0.237' },
    like: ['Cu3NbSe4', 'Ag3TaTe4'],
  },
  {
    name: 'famatinite',
    spaceGroup: 121,
    cell: { a: 5.385, c: 10.75 },
    sites: { Sb: 'a', Cu: 'b + d', S: 'i 0.245 0.13' },
    like: ['Cu3AsSe4'],
  },
];
