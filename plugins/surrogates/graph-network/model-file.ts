import { Rng } from '../../../lib/random/rng.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { NamedBytes, PluginContext } from '../../contract/context.js';
import { GraphNetworkModel } from './model.js';
import { GraphNetwork } from './network.js';
import { graphNetworkOptions, type NetworkOptions } from './options.js';

/** Name of the blob that holds a trained network. */
export const MODEL_BLOB = 'graph-network.safetensors';
/** Raise it when the network changes so that older weights mean something else. */
const FORMAT = 'lcoms-graph-network-1';

/** What a trained network is beside its weights. */
export interface GraphNetworkDescription {
  options: NetworkOptions;
  /** Of the training targets, eV/atom. */
  energyMean: number;
  energyStd: number;
  /** Symbols seen in training, sorted. */
  elements: string[];
}

export function writeModel(weights: NamedTensors, description: GraphNetworkDescription): NamedBytes {
  const bytes = writeSafetensors(weights, { format: FORMAT, description: JSON.stringify(description) });
  return { name: MODEL_BLOB, bytes };
}

/** @throws LcomsError LCOMS_E_ARTIFACT_MISSING without the blob, LCOMS_E_ARTIFACT_CORRUPT when it holds something else */
export function readModel(
  blobs: ReadonlyMap<string, Uint8Array>,
  context: Pick<PluginContext, 'signal'>,
): GraphNetworkModel {
  const bytes = blobs.get(MODEL_BLOB);
  if (bytes === undefined) {
    const given = [...blobs.keys()].join(', ') || 'none';
    throw new LcomsError(
      'LCOMS_E_ARTIFACT_MISSING',
      `surrogate/graph-network needs the blob ${MODEL_BLOB}; given are ${given}`,
    );
  }
  const { tensors, metadata } = readSafetensors(bytes, MODEL_BLOB);
  if (metadata['format'] !== FORMAT)
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `the file holds no graph network of format ${FORMAT}`, {
      file: MODEL_BLOB,
    });
  const description = JSON.parse(metadata['description'] as string) as GraphNetworkDescription;
  const options = { ...graphNetworkOptions.parse({}), ...description.options };
  // Its random start is replaced at once.
  const parameters = new Parameters(Rng.from('overwritten'));
  const network = new GraphNetwork(parameters, options);
  try {
    parameters.load(tensors);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new GraphNetworkModel({ parameters, network, description }, context);
}
