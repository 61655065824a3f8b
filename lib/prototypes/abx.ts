import type { StructureType } from './structure-type.js';

/** Structure types of ternary compounds ABX. */
export const ABX_TYPES: readonly StructureType[] = [
  {
    name: 'half-Heusler',
    spaceGroup: 216,
    cell: { a: 5.92 },
    sites: { Ti: 'a', Sn: 'b', Ni: 'c' },
    like: ['LiMgN', 'MgAgAs', 'LiZnP', 'YPtBi'],
  },
  {
    name: 'PbFCl',
    spaceGroup: 129,
    cell: { a: 4.11, c: 7.25 },
    sites: { F: 'a', Pb: 'c 0.2058', Cl: 'c 0.6485' },
    like: ['BiOCl', 'LiFeAs', 'NaMgP', 'UOS'],
  },
  {
    name: 'TiNiSi',
    spaceGroup: 62,
    cell: { a: 6.148, b: 3.67, c: 7.017 },
    sites: { Ti: 'c 0.0207 0.1803', Ni: 'c 0.1419 0.5609', Si: 'c 0.7651 0.6229' },
    like: ['MgSrSi', 'NaCaP', 'CeRhGe'],
  },
  {
    name: 'ZrNiAl',
    spaceGroup: 189,
    cell: { a: 6.915, c: 3.466 },
    sites: { Zr: 'g 0.591', Al: 'f 0.25', Ni: 'b + c' },
    like: ['YPdIn', 'CaAgP'],
  },
  {
    name: 'ZrBeSi',
    spaceGroup: 194,
    cell: { a: 3.71, c: 7.19 },
    sites: { Zr: 'a', Be: 'c', Si: 'd' },
    like: ['KZnSb', 'BaAgAs'],
  },
  {
    name: 'FeOCl',
    spaceGroup: 59,
    cell: { a: 3.302, b: 3.78, c: 7.917 },
    sites: { Fe: 'b 0.884', O: 'a 0.952', Cl: 'a 0.33' },
    like: ['TiNCl', 'AlOBr'],
  },
  {
    name: 'LiOH',
    spaceGroup: 129,
    cell: { a: 3.55, c: 4.33 },
    sites: { Li: 'a', O: 'c 0.1951', H: 'c 0.4065' },
    like: ['NaHS'],
  },
];

/** Of compounds A2BX and ABX2, mostly by the count 2 of one element. */
export const ABX2_TYPES: readonly StructureType[] = [
  {
    name: 'alpha-NaFeO2',
    spaceGroup: 166,
    cell: { a: 3.025, c: 16.09 },
    sites: { Na: 'a', Fe: 'b', O: 'c 0.234' },
    like: ['LiCoO2', 'KYS2', 'RbScSe2', 'NaLaS2'],
  },
  {
    name: 'delafossite',
    spaceGroup: 166,
    cell: { a: 2.858, c: 16.96 },
    sites: { Cu: 'a', Al: 'b', O: 'c 0.1098' },
    like: ['AgGaO2', 'CuYO2'],
  },
  {
    name: 'chalcopyrite',
    spaceGroup: 122,
    cell: { a: 5.289, c: 10.423 },
    sites: { Cu: 'a', Fe: 'b', S: 'd 0.257' },
    like: ['AgGaSe2', 'ZnGeP2', 'LiGaTe2', 'CdSnAs2'],
  },
  {
    name: 'gamma-LiAlO2',
    spaceGroup: 92,
    cell: { a: 5.169, c: 6.268 },
    sites: { Li: 'a 0.8126', Al: 'a 0.1759', O: 'b 0.3369 0.2906 0.7723' },
  },
  {
    name: 'beta-NaFeO2',
    spaceGroup: 33,
    cell: { a: 5.402, b: 6.372, c: 5.007 },
    sites: { Li: 'a 0.0833 0.625 0', Ga: 'a 0.0833 0.125 0', O: 'a 0.0833 0.125 0.375 + a 0.0833 0.625 0.375' },
    like: ['BeSiN2', 'LiInS2', 'AgAlO2'],
  },
  {
    name: 'gamma-LiFeO2',
    spaceGroup: 141,
    cell: { a: 4.05, c: 8.75 },
    sites: { Li: 'a', Fe: 'b', O: 'e 0.13' },
    like: ['LiYO2', 'LiScO2', 'CaThN2'],
  },
  {
    name: 'TlInSe2',
    spaceGroup: 140,
    cell: { a: 8.07, c: 6.85 },
    sites: { Tl: 'a', In: 'b', Se: 'h 0.173' },
    like: ['KFeS2', 'NaInTe2'],
  },
  {
    name: 'infinite layer',
    spaceGroup: 123,
    cell: { a: 3.93, c: 3.43 },
    sites: { Cu: 'a', O: 'f', Sr: 'd' },
    like: ['CaNiO2'],
  },
  {
    name: 'Heusler',
    spaceGroup: 225,
    cell: { a: 5.95 },
    sites: { Al: 'a', Mn: 'b', Cu: 'c' },
    like: ['LiMg2Si', 'Fe2TiAl', 'YPd2Sn', 'Li2AgSb'],
  },
  {
    name: 'inverse Heusler',
    spaceGroup: 216,
    cell: { a: 6.17 },
    sites: { Hg: 'a + c', Cu: 'b', Ti: 'd' },
    like: ['Li2CuAs', 'Mn2CoAl', 'Na2AgSb'],
  },
  {
    name: 'MgCuAl2',
    spaceGroup: 63,
    cell: { a: 4, b: 9.23, c: 7.14 },
    sites: { Mg: 'c 0.0655', Cu: 'c 0.778', Al: 'f 0.356 0.056' },
    like: ['YCoGa2', 'CaAuIn2'],
  },
  {
    name: 'Ti2AlC',
    spaceGroup: 194,
    cell: { a: 3.06, c: 13.6 },
    sites: { Ti: 'f 0.084', Al: 'd', C: 'a' },
    like: ['Cr2GeC', 'Zr2InN'],
  },
];
