/** Sizes of a DimeNet++ network over periodic crystals. */
export interface DimenetOptions {
  /** Channels of a message (an edge) and of an atom's embedding. */
  hidden: number;
  /** Interaction blocks; there is one output block more. */
  blocks: number;
  /** Channels in which messages of neighbouring edges are mixed. */
  interactionEmbedding: number;
  /** Channels that a basis is reduced to before it is brought to the width of a message. */
  basisEmbedding: number;
  /** Channels of an atom in an output block. */
  outputEmbedding: number;
  /** Angular functions: spherical harmonics of order 0 to spherical - 1. */
  spherical: number;
  /** Radial functions. */
  radial: number;
  /** A. */
  cutoff: number;
  /** Most neighbours of an atom. */
  neighbours: number;
  /** A shell of neighbours ends where the next distance is larger by more than this, A: shells are never cut. */
  shellTolerance: number;
  /** Exponent of the envelope, 5: value and first two derivatives vanish at the cutoff. */
  envelopeExponent: number;
  residualsBeforeSkip: number;
  residualsAfterSkip: number;
  /** Hidden layers of an output block. */
  outputLayers: number;
  /** Numbers that describe a crystal. */
  features: number;
}

/**
 * The encoder of the CD-VAE (Xie et al. 2021, arXiv:2110.06197), as in its released configuration. There the edges come
 * from CrystalNN; here they are the nearest neighbours, so the shell tolerance is ours.
 */
export const PAPER_DIMENET: DimenetOptions = {
  hidden: 128,
  blocks: 4,
  interactionEmbedding: 64,
  basisEmbedding: 8,
  outputEmbedding: 256,
  spherical: 7,
  radial: 6,
  cutoff: 7,
  neighbours: 20,
  shellTolerance: 0.01,
  envelopeExponent: 5,
  residualsBeforeSkip: 1,
  residualsAfterSkip: 2,
  outputLayers: 3,
  features: 256,
};
