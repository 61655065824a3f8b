import type { StructureType } from './structure-type.js';

/** Structure types of ternary compounds ABX3. */
export const ABX3_TYPES: readonly StructureType[] = [
  {
    name: 'perovskite',
    spaceGroup: 221,
    cell: { a: 3.905 },
    sites: { Sr: 'a', Ti: 'b', O: 'c' },
    like: ['KMgF3', 'BaZrO3', 'CsCaCl3', 'AlNMn3', 'SnCMg3', 'YRhB3'],
  },
  {
    name: 'perovskite, tetragonal',
    spaceGroup: 99,
    cell: { a: 3.904, c: 4.152 },
    sites: { Pb: 'a 0', Ti: 'b 0.539', O: 'b 0.114 + c 0.617' },
    like: ['BaTiO3', 'KNbO3'],
  },
  {
    name: 'perovskite, rhombohedral',
    spaceGroup: 167,
    cell: { a: 5.365, c: 13.11 },
    sites: { La: 'a', Al: 'b', O: 'e 0.525' },
    like: ['LaCoO3'],
  },
  {
    name: 'perovskite, orthorhombic',
    spaceGroup: 62,
    cell: { a: 5.442, b: 7.64, c: 5.38 },
    sites: { Ca: 'c 0.036 0.9935', Ti: 'b', O: 'c 0.484 0.0705 + d 0.2888 0.0367 0.7108' },
    like: ['GdFeO3', 'NaMgF3', 'SrZrO3', 'CsPbI3'],
  },
  {
    name: 'perovskite, 2H',
    spaceGroup: 194,
    cell: { a: 5.629, c: 4.811 },
    sites: { Ba: 'd', Ni: 'a', O: 'h 0.1462' },
    like: ['CsNiCl3', 'BaVS3', 'RbMgBr3'],
  },
  {
    name: 'LiNbO3',
    spaceGroup: 161,
    cell: { a: 5.148, c: 13.863 },
    sites: { Li: 'a 0.2787', Nb: 'a 0', O: 'b 0.0475 0.3433 0.0633' },
    like: ['BiFeO3', 'ZnSnO3'],
  },
  {
    name: 'ilmenite',
    spaceGroup: 148,
    cell: { a: 5.088, c: 14.09 },
    sites: { Fe: 'c 0.3553', Ti: 'c 0.1465', O: 'f 0.3174 0.0233 0.245' },
    like: ['MgTiO3', 'NaSbO3', 'LiAsO3'],
  },
  {
    name: 'calcite',
    spaceGroup: 167,
    cell: { a: 4.99, c: 17.06 },
    sites: { Ca: 'b', C: 'a', O: 'e 0.2568' },
    like: ['NaNO3', 'InBO3', 'MgCO3'],
  },
  {
    name: 'aragonite',
    spaceGroup: 62,
    cell: { a: 5.741, b: 4.961, c: 7.967 },
    sites: { Ca: 'c 0.7597 0.415', C: 'c 0.9138 0.7622', O: 'c 0.9038 0.9225 + d 0.9128 0.4736 0.681' },
    like: ['KNO3', 'LaBO3', 'BaCO3'],
  },
  {
    name: 'post-perovskite',
    spaceGroup: 63,
    cell: { a: 3.145, b: 9.863, c: 7.298 },
    sites: { Ca: 'c 0.253', Ir: 'a', O: 'c 0.923 + f 0.636 0.437' },
    like: ['MgSiO3', 'UFeS3', 'KTmI3'],
  },
  {
    name: 'NH4CdCl3',
    spaceGroup: 62,
    cell: { a: 8.78, b: 3.99, c: 14.56 },
    sites: { K: 'c 0.42 0.83', Cd: 'c 0.1695 0.0565', Cl: 'c 0.28 0.215 + c 0.167 0.495 + c 0.027 0.9' },
    like: ['CsPbI3', 'SrZrS3', 'RbMnCl3'],
  },
];
