import type { StructureType } from './structure-type.js';

/** Structure types of ternary compounds of other ratios, and of quaternary ones. */
export const OTHER_TYPES: readonly StructureType[] = [
  // AB2X2
  {
    name: 'ThCr2Si2',
    spaceGroup: 139,
    cell: { a: 4.043, c: 10.577 },
    sites: { Th: 'a', Cr: 'd', Si: 'e 0.374' },
    like: ['BaFe2As2', 'CaNi2P2', 'KCu2Se2', 'Bi2O2Se', 'YMn2Ge2'],
  },
  {
    name: 'CaAl2Si2',
    spaceGroup: 164,
    cell: { a: 4.13, c: 7.145 },
    sites: { Ca: 'a', Al: 'd 0.63', Si: 'd 0.27' },
    like: ['CaMg2Sb2', 'SrZn2As2', 'La2O2S'],
  },
  {
    name: 'CaBe2Ge2',
    spaceGroup: 129,
    cell: { a: 4.02, c: 9.92 },
    sites: { Ca: 'c 0.2533', Be: 'a + c 0.6356', Ge: 'b + c 0.8768' },
    like: ['CePt2Si2', 'BaZn2Sn2'],
  },
  {
    name: 'brucite',
    spaceGroup: 164,
    cell: { a: 3.148, c: 4.779 },
    sites: { Mg: 'a', O: 'd 0.22', H: 'd 0.43' },
    like: ['CaO2H2', 'NiO2H2'],
  },
  {
    name: 'Mo2FeB2',
    spaceGroup: 127,
    cell: { a: 5.78, c: 3.15 },
    sites: { Fe: 'a', B: 'g 0.389', Mo: 'h 0.174' },
    like: ['U2RuSn2', 'Y2InPd2'],
  },
  // others with three elements
  {
    name: 'Li2MnO3',
    spaceGroup: 12,
    cell: { a: 4.937, b: 8.532, c: 5.03, beta: 109.5 },
    sites: { Mn: 'g 0.167', Li: 'b + c + h 0.661', O: 'i 0.219 0.227 + j 0.254 0.321 0.223' },
    like: ['Na2PtO3', 'Li2SnO3'],
  },
  {
    name: 'Ti3SiC2',
    spaceGroup: 194,
    cell: { a: 3.068, c: 17.67 },
    sites: { Ti: 'a + f 0.135', Si: 'b', C: 'f 0.5675' },
    like: ['Ti3AlC2'],
  },
  {
    name: 'K2PtCl6',
    spaceGroup: 225,
    cell: { a: 9.755 },
    sites: { Pt: 'a', K: 'c', Cl: 'e 0.24' },
    like: ['Cs2SiF6', 'Rb2SnBr6'],
  },
  {
    name: 'K2GeF6',
    spaceGroup: 164,
    cell: { a: 5.62, c: 4.65 },
    sites: { Ge: 'a', K: 'd 0.7', F: 'i 0.148 0.22' },
    like: ['Cs2PuCl6', 'Rb2MnF6'],
  },
  {
    name: 'trirutile',
    spaceGroup: 136,
    cell: { a: 4.664, c: 9.263 },
    sites: { Zn: 'a', Sb: 'e 0.332', O: 'f 0.305 + j 0.302 0.327' },
    like: ['FeTa2O6', 'Cr2WO6', 'Li2TiF6'],
  },
  {
    name: 'PbSb2O6',
    spaceGroup: 162,
    cell: { a: 5.3, c: 5.38 },
    sites: { Pb: 'a', Sb: 'd', O: 'k 0.37 0.29' },
    like: ['CaAs2O6', 'SrRu2O6'],
  },
  {
    name: 'K3MoF6',
    spaceGroup: 225,
    cell: { a: 8.6 },
    sites: { Mo: 'a', K: 'b + c', F: 'e 0.22' },
    like: ['Na3AlF6', 'Cs3ScCl6', 'Ba3WO6'],
  },
  {
    name: 'Sr3Ti2O7',
    spaceGroup: 139,
    cell: { a: 3.9, c: 20.37 },
    sites: { Sr: 'b + e 0.3145', Ti: 'e 0.0977', O: 'a + e 0.194 + g 0.096' },
    like: ['K3Zn2F7'],
  },
  {
    name: 'pyrochlore',
    spaceGroup: 227,
    cell: { a: 10.42 },
    sites: { Ca: 'd', Nb: 'c', O: 'b + f 0.32' },
    like: ['Y2Ti2O7', 'La2Zr2O7', 'Cd2Ta2O7'],
  },
  // four elements
  {
    name: 'ZrCuSiAs',
    spaceGroup: 129,
    cell: { a: 4.033, c: 8.739 },
    sites: { La: 'c 0.1415', Fe: 'b', As: 'c 0.6512', O: 'a' },
    like: ['LaCuOS', 'BaCuFSe', 'UCuPN'],
  },
  {
    name: 'LiMgPdSn',
    spaceGroup: 216,
    cell: { a: 6.4 },
    sites: { Li: 'a', Mg: 'b', Pd: 'c', Sn: 'd' },
    like: ['CoFeMnSi'],
  },
  {
    name: 'elpasolite',
    spaceGroup: 225,
    cell: { a: 8.122 },
    sites: { Al: 'a', Na: 'b', K: 'c', F: 'e 0.22' },
    like: ['Ba2MgWO6', 'Cs2AgBiBr6', 'Sr2FeMoO6', 'Cs2NaYCl6'],
  },
  {
    name: 'stannite',
    spaceGroup: 121,
    cell: { a: 5.43, c: 10.73 },
    sites: { Cu: 'd', Fe: 'a', Sn: 'b', S: 'i 0.245 0.137' },
    like: ['Cu2ZnGeSe4', 'Ag2CdSnS4'],
  },
];
