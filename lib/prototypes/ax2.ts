import type { StructureType } from './structure-type.js';

/** Structure types of compounds AX2 and A2X that are mostly ionic or covalent. */
const IONIC: readonly StructureType[] = [
  {
    name: 'fluorite',
    spaceGroup: 225,
    cell: { a: 5.463 },
    sites: { Ca: 'a', F: 'c' },
    like: ['CeO2', 'Li2O', 'Mg2Si', 'AuAl2'],
  },
  {
    name: 'rutile',
    spaceGroup: 136,
    cell: { a: 4.594, c: 2.959 },
    sites: { Ti: 'a', O: 'f 0.305' },
    like: ['SnO2', 'MgF2', 'MnO2', 'MgH2'],
  },
  { name: 'anatase', spaceGroup: 141, cell: { a: 3.785, c: 9.514 }, sites: { Ti: 'a', O: 'e 0.0831' } },
  {
    name: 'alpha-PbO2',
    spaceGroup: 60,
    cell: { a: 4.947, b: 5.951, c: 5.497 },
    sites: { Pb: 'c 0.178', O: 'd 0.276 0.41 0.425' },
    like: ['TiO2'],
  },
  {
    name: 'CdI2',
    spaceGroup: 164,
    cell: { a: 4.24, c: 6.84 },
    sites: { Cd: 'a', I: 'd 0.249' },
    like: ['MgBr2', 'TiS2', 'Ag2F'],
  },
  {
    name: 'CdCl2',
    spaceGroup: 166,
    cell: { a: 3.846, c: 17.49 },
    sites: { Cd: 'a', Cl: 'c 0.2523' },
    like: ['MgCl2', 'Cs2O'],
  },
  {
    name: 'CaCl2',
    spaceGroup: 58,
    cell: { a: 6.24, b: 6.43, c: 4.2 },
    sites: { Ca: 'a', Cl: 'g 0.275 0.325' },
    like: ['CaBr2'],
  },
  {
    name: 'cotunnite',
    spaceGroup: 62,
    cell: { a: 7.62, b: 4.53, c: 9.05 },
    sites: { Pb: 'c 0.246 0.096', Cl: 'c 0.358 0.427 + c 0.974 0.677' },
    like: ['BaBr2', 'CaH2', 'Co2Si'],
  },
  {
    name: 'baddeleyite',
    spaceGroup: 14,
    cell: { a: 5.151, b: 5.203, c: 5.316, beta: 99.2 },
    sites: { Zr: 'e 0.2758 0.0411 0.2082', O: 'e 0.0703 0.3359 0.3406 + e 0.4423 0.7549 0.4789' },
    like: ['HfO2'],
  },
  { name: 'MoS2-2H', spaceGroup: 194, cell: { a: 3.16, c: 12.294 }, sites: { Mo: 'c', S: 'f 0.621' }, like: ['WSe2'] },
  { name: 'pyrite', spaceGroup: 205, cell: { a: 5.417 }, sites: { Fe: 'a', S: 'c 0.385' }, like: ['PtAs2', 'MnS2'] },
  {
    name: 'marcasite',
    spaceGroup: 58,
    cell: { a: 4.443, b: 5.425, c: 3.387 },
    sites: { Fe: 'a', S: 'g 0.2 0.378' },
    like: ['FeAs2'],
  },
  {
    name: 'CaC2',
    spaceGroup: 139,
    cell: { a: 3.89, c: 6.37 },
    sites: { Ca: 'a', C: 'e 0.407' },
    like: ['KO2', 'BaO2'],
  },
  {
    name: 'alpha-quartz',
    spaceGroup: 154,
    cell: { a: 4.914, c: 5.405 },
    sites: { Si: 'a 0.4697', O: 'c 0.4133 0.2672 0.7855' },
    like: ['GeO2'],
  },
  {
    name: 'alpha-cristobalite',
    spaceGroup: 92,
    cell: { a: 4.971, c: 6.928 },
    sites: { Si: 'a 0.3', O: 'b 0.239 0.104 0.179' },
    like: ['BeF2'],
  },
  {
    name: 'SiS2',
    spaceGroup: 72,
    cell: { a: 9.58, b: 5.61, c: 5.55 },
    sites: { Si: 'a', S: 'j 0.118 0.209' },
    like: ['BeCl2'],
  },
  { name: 'CO2', spaceGroup: 205, cell: { a: 5.62 }, sites: { C: 'a', O: 'c 0.1185' } },
  { name: 'cuprite', spaceGroup: 224, cell: { a: 4.27 }, sites: { O: 'a', Cu: 'b' }, like: ['Ag2O'] },
];

/** Those of metals. */
const METALLIC: readonly StructureType[] = [
  {
    name: 'AlB2',
    spaceGroup: 191,
    cell: { a: 3.006, c: 3.252 },
    sites: { Al: 'a', B: 'd' },
    like: ['TiB2', 'YSi2', 'CaGa2'],
  },
  {
    name: 'MoSi2',
    spaceGroup: 139,
    cell: { a: 3.2, c: 7.85 },
    sites: { Mo: 'a', Si: 'e 0.333' },
    like: ['CuZr2', 'AlCr2'],
  },
  { name: 'ThSi2', spaceGroup: 141, cell: { a: 4.13, c: 14.35 }, sites: { Th: 'a', Si: 'e 0.2915' }, like: ['LaSi2'] },
  {
    name: 'Laves C14',
    spaceGroup: 194,
    cell: { a: 5.22, c: 8.57 },
    sites: { Mg: 'f 0.062', Zn: 'a + h 0.83' },
    like: ['TiFe2', 'ZrRe2'],
  },
  {
    name: 'Laves C15',
    spaceGroup: 227,
    cell: { a: 7.034 },
    sites: { Mg: 'a', Cu: 'd' },
    like: ['YAl2', 'ZrCo2', 'CaAl2', 'BiAu2'],
  },
  {
    name: 'CuAl2',
    spaceGroup: 140,
    cell: { a: 6.067, c: 4.877 },
    sites: { Cu: 'a', Al: 'h 0.1581' },
    like: ['Fe2B', 'ThAl2'],
  },
  {
    name: 'Cu2Sb',
    spaceGroup: 129,
    cell: { a: 4, c: 6.1 },
    sites: { Cu: 'a + c 0.27', Sb: 'c 0.7' },
    like: ['Fe2As', 'UP2'],
  },
  { name: 'Ni2In', spaceGroup: 194, cell: { a: 4.18, c: 5.13 }, sites: { Ni: 'a + d', In: 'c' }, like: ['Mn2Sn'] },
  {
    name: 'Fe2P',
    spaceGroup: 189,
    cell: { a: 5.868, c: 3.458 },
    sites: { Fe: 'f 0.256 + g 0.594', P: 'b + c' },
    like: ['Ni2P'],
  },
];

/** Structure types of compounds AX2 and A2X. */
export const AX2_TYPES: readonly StructureType[] = [...IONIC, ...METALLIC];
