"""Exports CHGNet to ONNX with energy and edge gradients: `python export_chgnet.py r2scan|0.3.0 OUT.onnx`.

Makes the files in plugins/scorers/chgnet/model from the weights that ship in the package chgnet (modified BSD licence,
beside the files). Needs what requirements.txt here pins; docs/scorers.md says how to check the result.

The graph that comes out takes a batch of crystals as flat arrays (INPUTS) and gives
- energy: eV, one per crystal;
- dEdvec: dE/d(edge vector), eV/A, one row of 3 per directed edge. Forces and stress are sums of it over edges
  (plugins/scorers/chgnet/evaluate.ts), so no second derivative and no strain variable is in the graph.
"""

import math
import sys
import warnings

import torch
from chgnet.model.model import CHGNet
from pymatgen.core import Lattice, Structure
from torch._decomp import core_aten_decompositions
from torch.export import Dim
from torch.fx.experimental.proxy_tensor import make_fx

# Undirected edge u stands for a pair of opposite directed edges, whose first one is u2d[u].
INPUTS = {
    "vec": "directed edges: r(source) - r(image of target), A",
    "z": "atoms: atomic number",
    "src": "directed edges: source atom",
    "dst": "directed edges: target atom",
    "d2u": "directed edges: their undirected edge",
    "u2d": "undirected edges: one of their directed edges",
    "ac": "angles: the shared atom",
    "ab1": "angles: undirected edge of the first bond",
    "ae1": "angles: directed edge of the first bond",
    "ab2": "angles: undirected edge of the second bond",
    "ae2": "angles: directed edge of the second bond",
    "owner": "atoms: their crystal",
    "nat": "crystals: number of atoms (only its length counts)",
}
# Arrays of equal length, by name of the dimension.
LENGTHS = {
    "edges": ("vec", "src", "dst", "d2u"),
    "atoms": ("z", "owner"),
    "undirected": ("u2d",),
    "angles": ("ac", "ab1", "ae1", "ab2", "ae2"),
    "crystals": ("nat",),
}


def rows(x, index):
    return torch.index_select(x, 0, index)


def sums(x, index, count):
    """Row i is the sum of the rows of x whose index is i."""
    return torch.zeros(count, x.shape[1], dtype=x.dtype).index_add(0, index, x)


def radial_basis(expansion, distance):
    """CHGNet's RadialBessel with its polynomial cutoff; powers by multiplication, which ONNX runtimes do fast."""
    cutoff = expansion.smooth_cutoff
    d = distance[:, None]
    x = d / cutoff.cutoff
    power = x
    for _ in range(int(cutoff.p) - 1):
        power = power * x
    envelope = 1 + cutoff.a * power + cutoff.b * power * x + cutoff.c * power * x * x
    envelope = torch.where(x < 1, envelope, torch.zeros_like(x))
    return envelope * expansion.norm_const * torch.sin(expansion.frequencies * (d * expansion.inv_cutoff)) / d


def angle_basis(expansion, unit, first, second):
    cosine = (rows(unit, first) * rows(unit, second)).sum(1) * (1 - 1e-6)
    angle = torch.acos(torch.clamp(cosine, -0.999999, 0.999999))[:, None]
    t = angle * expansion.fourier_expansion.frequencies[None, :]
    constant = torch.full_like(angle, 1 / math.sqrt(2))
    return torch.cat([constant, torch.sin(t), torch.cos(t)], 1) / math.sqrt(math.pi)


class EdgeEnergy(torch.nn.Module):
    """CHGNet's energy as a function of edge vectors: CHGNet.forward without its graphs, magnetic moments and batches."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, vec, z, src, dst, d2u, u2d, ac, ab1, ae1, ab2, ae2, owner, nat):
        m = self.model
        length = torch.sqrt((vec * vec).sum(1))
        unit = vec / length[:, None]
        bond_length = rows(length, u2d)
        atom_basis = radial_basis(m.bond_basis_expansion.rbf_expansion_ag, bond_length)
        bond_basis = radial_basis(m.bond_basis_expansion.rbf_expansion_bg, bond_length)
        atoms = m.atom_embedding.embedding(z - 1)
        bonds = m.bond_embedding(atom_basis)
        atom_weights = m.bond_weights_ag(atom_basis)
        bond_weights = m.bond_weights_bg(bond_basis)
        angles = m.angle_embedding(angle_basis(m.angle_basis_expansion, unit, ae1, ae2))

        def atom_convolution(layer, atoms, bonds):
            message = layer.twoBody_atom(torch.cat([rows(atoms, src), rows(bonds, d2u), rows(atoms, dst)], 1))
            return layer.mlp_out(sums(message * rows(atom_weights, d2u), src, z.shape[0])) + atoms

        def around_angles(atoms, bonds, angles):
            return torch.cat([rows(bonds, ab1), rows(bonds, ab2), angles, rows(atoms, ac)], 1)

        for atom_layer, bond_layer, angle_layer in zip(
            m.atom_conv_layers[:-1], m.bond_conv_layers, m.angle_layers, strict=True
        ):
            atoms = atom_convolution(atom_layer, atoms, bonds)
            update = bond_layer.twoBody_bond(around_angles(atoms, bonds, angles))
            update = update * rows(bond_weights, ab1) * rows(bond_weights, ab2)
            bonds = bond_layer.mlp_out(sums(update, ab1, u2d.shape[0])) + bonds
            if angle_layer is not None:
                angles = angle_layer.twoBody_bond(around_angles(atoms, bonds, angles)) + angles
        atoms = m.readout_norm(atom_convolution(m.atom_conv_layers[-1], atoms, bonds))
        energy = m.mlp(atoms) + m.composition_model.fc.weight[0][z - 1][:, None]
        return sums(energy, owner, nat.shape[0])[:, 0]


def model_inputs(model, structures):
    """The inputs of a batch from CHGNet's own graphs, in the order of INPUTS."""
    parts = {name: [] for name in INPUTS}
    atoms = edges = undirected = 0
    for crystal, structure in enumerate(structures):
        g = model.graph_converter(structure)
        lattice, pairs = g.lattice.detach(), g.atom_graph.long()
        positions = g.atom_frac_coord.detach() @ lattice
        bonds = g.bond_graph.long()
        part = {
            "vec": positions[pairs[:, 0]] - (positions[pairs[:, 1]] + g.neighbor_image @ lattice),
            "z": g.atomic_number.long(),
            "src": pairs[:, 0] + atoms,
            "dst": pairs[:, 1] + atoms,
            "d2u": g.directed2undirected.long() + undirected,
            "u2d": g.undirected2directed.long() + edges,
            "ac": bonds[:, 0] + atoms,
            "ab1": bonds[:, 1] + undirected,
            "ae1": bonds[:, 2] + edges,
            "ab2": bonds[:, 3] + undirected,
            "ae2": bonds[:, 4] + edges,
            "owner": torch.full((len(structure),), crystal),
            "nat": torch.tensor([float(len(structure))]),
        }
        for name, values in part.items():
            parts[name].append(values)
        atoms, edges, undirected = atoms + len(structure), edges + len(pairs), undirected + len(part["u2d"])
    return tuple(torch.cat(parts[name]).clone() for name in INPUTS)


def example_structures():
    """Two crystals of different sizes with no symmetry: nothing in the traced graph may depend on theirs."""
    rocksalt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.2), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    sites = [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0.5], [1 / 3, 2 / 3, 0.38], [2 / 3, 1 / 3, 0.88]]
    wurtzite = Structure(Lattice.hexagonal(3.3, 5.2), ["Zn", "Zn", "O", "O"], sites)
    return [rocksalt.perturb(0.1, seed=1), wurtzite.perturb(0.05, seed=2)]


def with_gradient(energy):
    """(energies, dE/dvec) as one traced graph of plain operations, which torch.export takes."""

    def both(vec, *rest):
        vec = vec.detach().requires_grad_(True)
        with torch.enable_grad():
            e = energy(vec, *rest)
            (gradient,) = torch.autograd.grad(e.sum(), vec)
        return e, gradient

    return both


def traced(function, inputs):
    graph = make_fx(
        function,
        tracing_mode="symbolic",
        decomposition_table=core_aten_decompositions(),
        _allow_non_fake_inputs=True,
    )(*inputs)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph


class Exported(torch.nn.Module):
    """Names the inputs: torch.export takes names and dimensions from the signature."""

    def __init__(self, traced_graph):
        super().__init__()
        # Not `graph`: the exporter makes this a GraphModule, whose own graph would hide it and its constants.
        self.network = traced_graph

    def forward(self, vec, z, src, dst, d2u, u2d, ac, ab1, ae1, ab2, ae2, owner, nat):
        return self.network(vec, z, src, dst, d2u, u2d, ac, ab1, ae1, ab2, ae2, owner, nat)


def check(model, structures, energies, gradient, inputs):
    """The rewritten network must be CHGNet before it is exported."""
    predicted = model.predict_structure(structures, task="efs")
    expected = torch.tensor([float(p["e"]) * len(s) for p, s in zip(predicted, structures, strict=True)])
    forces = torch.zeros(len(inputs[1]), 3).index_add(0, inputs[2], -gradient).index_add(0, inputs[3], gradient)
    off = (energies - expected).abs().max(), (forces - torch.cat([torch.tensor(p["f"]) for p in predicted])).abs().max()
    if not (off[0] < 1e-3 and off[1] < 1e-3):
        raise SystemExit(f"the rewritten network is not CHGNet: energy off by {off[0]} eV, forces by {off[1]} eV/A")


def main(name, out):
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    model = CHGNet.load(model_name=name, use_device="cpu", verbose=False).eval()
    model.requires_grad_(False)
    structures = example_structures()
    inputs = model_inputs(model, structures)
    function = with_gradient(EdgeEnergy(model))
    check(model, structures, *function(*inputs), inputs)
    dimensions = {input: Dim(dimension, min=2) for dimension, names in LENGTHS.items() for input in names}
    shapes = tuple({0: dimensions[input]} for input in INPUTS)
    exported = torch.export.export(Exported(traced(function, inputs)), inputs, dynamic_shapes=shapes, strict=False)
    program = torch.onnx.export(
        exported,
        dynamo=True,
        input_names=list(INPUTS),
        output_names=["energy", "dEdvec"],
        opset_version=20,
        optimize=True,
    )
    program.save(out, external_data=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
