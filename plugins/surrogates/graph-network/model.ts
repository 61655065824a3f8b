import type { Evaluation } from '../../../lib/scoring/evaluation.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext } from '../../contract/context.js';
import type { StructureModel } from '../../contract/surrogate.js';
import { forcesAndStress } from './forces.js';
import { crystalEdges, crystalGraph } from './graph.js';
import type { GraphNetworkDescription } from './model-file.js';
import type { GraphNetwork } from './network.js';
import { inBatches, predict } from './predict.js';

interface Trained {
  parameters: Parameters;
  network: GraphNetwork;
  description: GraphNetworkDescription;
}

/** A trained graph network. */
export class GraphNetworkModel implements StructureModel {
  readonly elements: ReadonlySet<string>;

  constructor(
    private readonly trained: Trained,
    private readonly context: Pick<PluginContext, 'signal'>,
  ) {
    this.elements = new Set(trained.description.elements);
  }

  async energies(crystals: Crystal[]): Promise<Float64Array> {
    const { network, description } = this.trained;
    const { options, energyMean, energyStd } = description;
    const graphs = crystals.map((crystal) => {
      const strange = this.unseen(crystal);
      if (strange !== null) throw strange;
      return crystalGraph(crystal, options);
    });
    const found = await predict(network, graphs, options.radialFunctions, this.context.signal);
    return found.map((e) => energyMean + energyStd * e);
  }

  async evaluate(crystals: Crystal[]): Promise<(Evaluation | LcomsError)[]> {
    const { network, description } = this.trained;
    const { options, energyMean, energyStd } = description;
    const R = options.radialFunctions;
    const out: (Evaluation | LcomsError | null)[] = crystals.map((crystal) => this.unseen(crystal));
    const known = crystals.flatMap((crystal, place) => {
      if (out[place] !== null) return [];
      const edges = crystalEdges(crystal, options.cutoff);
      return [{ place, crystal, edges, graph: crystalGraph(crystal, options, edges) }];
    });
    const graphs = known.map(({ graph }) => graph);
    await inBatches(graphs, R, this.context.signal, (batch, places) => {
      let energies: tf.Tensor2D | undefined;
      const gradient = tf.grad((pairs) => {
        energies = tf.keep(network.apply({ ...batch, pairs: pairs as tf.Tensor2D }, 'pairs'));
        return tf.sum(energies);
      })(batch.pairs);
      const values = (energies as tf.Tensor2D).dataSync();
      tf.dispose(energies as tf.Tensor2D);
      // Of the energy of the whole cell, eV.
      const slopes = tf.mul(gradient, energyStd * batch.n).dataSync();
      places.forEach((at, k) => {
        const { place, crystal, edges } = known[at] as (typeof known)[number];
        const energy = batch.n * (energyMean + energyStd * (values[k] as number));
        const offset = k * batch.n * batch.n * R;
        out[place] = { energy, ...forcesAndStress(crystal, edges, options, slopes, offset) };
      });
    });
    return out as (Evaluation | LcomsError)[];
  }

  dispose(): void {
    this.trained.parameters.dispose();
  }

  private unseen({ species }: Crystal): LcomsError | null {
    const strange = [...new Set(species)].filter((e) => !this.elements.has(e));
    if (strange.length === 0) return null;
    return new LcomsError(
      'LCOMS_E_ELEMENT_UNKNOWN',
      `the graph network has not seen ${strange.join(', ')} in training; it knows ${[...this.elements].join(' ')}`,
    );
  }
}
