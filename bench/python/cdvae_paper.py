"""The CD-VAE of preset paper in PyTorch, as the peer of bench/cdvae-paper.mjs.

The layers are those of torch_geometric (DimeNet++) and mattergen (GemNet-T, whose released network the decoder is), called
as those packages call them; test/fixtures/make/gemnet_torch.py says what stands in for compiled extensions. Left out of
GemNet-T is what ours leaves out too: the energy and the lattice half, which CDVAE computes and drops.

Reads weights and batches, graphs and triplets ready-made, from a folder; takes commands as JSON lines on stdin and answers
with a JSON line each:

    {"do": "loss", "batch": 0}                      -> {"loss": [total, kl, lattice, coordinates]}
    {"do": "train", "batches": [0, 1], "steps": 4, "parts": 1, "bases": "ready"}   -> {"seconds": [...], "cpu": [...], "losses": [...]}
    {"do": "decode", "calls": 10, "bases": "each"}  -> {"seconds": 1.2, "cpu": 2.1}

`bases`: "ready": radial and angular functions are computed before the clock starts; "each": at every step, from distances
and angles. `parts`: a batch goes through in so many micro-batches.
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "make"))
import gemnet_torch  # noqa: E402
from torch_geometric.nn.models import DimeNetPlusPlus  # noqa: E402

torch.set_default_dtype(torch.float32)

# Name in torch_geometric -> name here.
PARTS = {
    "rbf.freq": "radial.frequencies",
    "emb.emb.weight": "embedding.elements.weight",
    "emb.lin_rbf": "embedding.radial",
    "emb.lin": "embedding.mix",
}
OUTPUT = {"lin_rbf": "radial", "lin_up": "up", "lin": "out"}
INTERACTION = {
    "lin_rbf1": "radialDown",
    "lin_rbf2": "radialUp",
    "lin_sbf1": "basisDown",
    "lin_sbf2": "basisUp",
    "lin_kj": "incoming",
    "lin_ji": "own",
    "lin_down": "down",
    "lin_up": "up",
    "lin": "join",
}


def our_name(name):
    if name in PARTS:
        return PARTS[name]
    layer, kind = name.rsplit(".", 1)
    if layer in PARTS:
        return f"{PARTS[layer]}.{kind}"
    block, index, *rest = layer.split(".")
    if block == "output_blocks":
        part = f"hidden{rest[1]}" if rest[0] == "lins" else OUTPUT[rest[0]]
        return f"output{index}.{part}.{kind}"
    if rest[0].startswith("layers_"):
        side = rest[0].split("_")[1]
        part = f"{side}{rest[1]}.{'first' if rest[2] == 'lin1' else 'second'}"
    else:
        part = INTERACTION[rest[0]]
    return f"interaction{index}.{part}.{kind}"


def safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    types = {"F32": np.float32, "I32": np.int32}
    out = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(raw[8 + size + begin : 8 + size + end], types[entry["dtype"]])
        tensor = torch.from_numpy(values.copy()).reshape(entry["shape"])
        out[name] = tensor.long() if entry["dtype"] == "I32" else tensor
    return out


class Cdvae(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        e, latent, width = options["encoder"], options["latentDimension"], options["hiddenWidth"]
        self.options = options
        self.encoder = DimeNetPlusPlus(
            hidden_channels=e["hidden"],
            out_channels=width,
            num_blocks=e["blocks"],
            int_emb_size=e["interactionEmbedding"],
            basis_emb_size=e["basisEmbedding"],
            out_emb_channels=e["outputEmbedding"],
            num_spherical=e["spherical"],
            num_radial=e["radial"],
            cutoff=e["cutoff"],
            max_num_neighbors=e["neighbours"],
            envelope_exponent=e["envelopeExponent"],
            num_before_skip=e["residualsBeforeSkip"],
            num_after_skip=e["residualsAfterSkip"],
            num_output_layers=e["outputLayers"],
        )
        # A row for every element, as ours.
        self.encoder.emb.emb = torch.nn.Embedding(gemnet_torch.ELEMENTS + 1, e["hidden"])
        self.mean = torch.nn.Linear(width, latent)
        self.log_variance = torch.nn.Linear(width, latent)
        self.lattice = torch.nn.Sequential(
            torch.nn.Linear(latent, width), torch.nn.ReLU(), torch.nn.Linear(width, 6)
        )
        self.peer = gemnet_torch.Model({**options["decoder"], "latentDimension": latent})
        self.decoder = self.peer.net
        for name, p in self.decoder.named_parameters():
            used = any(p is q for q, _ in self.peer.views.values())
            p.requires_grad_(used)

    def load(self, tensors):
        """Our weights; every one must find its place."""
        left = dict(tensors)
        with torch.no_grad():
            for name, p in self.encoder.named_parameters():
                value = left.pop(f"encoder.{our_name(name)}")
                if p.dim() == 2 and name != "emb.emb.weight":
                    value = value.T
                p.copy_(value.reshape(p.shape))
            for ours, layer in {
                "encoder.mean": self.mean,
                "encoder.logVariance": self.log_variance,
                "lattice.hidden": self.lattice[0],
                "lattice.out": self.lattice[2],
            }.items():
                layer.weight.copy_(left.pop(f"{ours}.weight").T)
                layer.bias.copy_(left.pop(f"{ours}.bias"))
            for ours, (parameter, view) in self.peer.views.items():
                target = view(parameter)
                target.copy_(left.pop(f"decoder.{ours}").reshape(target.shape))
        assert not left, left.keys()

    def encode_bases(self, b):
        return self.encoder.sbf(b["encoder.distance"], b["encoder.angle"], b["encoder.incoming"])

    def encode(self, b, sbf):
        model, i, j = self.encoder, b["encoder.receiver"], b["encoder.sender"]
        kj, ji, atoms = b["encoder.incoming"], b["encoder.outgoing"], len(b["crystalOf"])
        rbf = model.rbf(b["encoder.distance"])
        x = model.emb(b["elements"], rbf, i, j)
        out = model.output_blocks[0](x, rbf, i, num_nodes=atoms)
        for interaction, output in zip(model.interaction_blocks, model.output_blocks[1:]):
            x = interaction(x, rbf, sbf, kj, ji)
            out = out + output(x, rbf, i, num_nodes=atoms)
        features = self.crystal_mean(out, b)
        return self.mean(features), self.log_variance(features).clamp(-30, 30)

    def crystal_mean(self, x, b):
        sums = x.new_zeros((b["count"], x.shape[1])).index_add_(0, b["crystalOf"], x)
        return sums / b["atoms"][:, None]

    def decode_bases(self, b):
        net = self.decoder
        cosine = (b["decoder.direction"][b["decoder.receiving"]] * b["decoder.direction"][b["decoder.sending"]]).sum(1)
        rad, circular = net.cbf_basis3(b["decoder.distance"], cosine.clamp(-1, 1), b["decoder.receiving"])
        return rad, circular, net.radial_basis(b["decoder.distance"])

    def score(self, b, latents, bases):
        """GemNetT.forward of mattergen from its bases on, without energies and lattice."""
        net, (rad, circular, rbf) = self.decoder, bases
        s, t = b["decoder.source"], b["decoder.target"]
        h = net.atom_emb(b["elements"])
        h = net.atom_latent_emb(torch.cat([h, latents[b["crystalOf"]]], dim=1))
        m = net.edge_emb(h, rbf, s, t)
        rbf3, rbf_h, rbf_out = net.mlp_rbf3(rbf), net.mlp_rbf_h(rbf), net.mlp_rbf_out(rbf)
        receiving, ragged = b["decoder.receiving"], b["decoder.ragged"]
        cbf3 = net.mlp_cbf3(rad, circular, receiving, ragged)
        force = self.force(net.out_blocks[0], m, rbf_out)
        for block, out in zip(net.int_blocks, net.out_blocks[1:]):
            h, m = block(
                h=h,
                m=m,
                rbf3=rbf3,
                cbf3=cbf3,
                id3_ragged_idx=ragged,
                id_swap=b["decoder.reverse"],
                id3_ba=b["decoder.sending"],
                id3_ca=receiving,
                rbf_h=rbf_h,
                idx_s=s,
                idx_t=t,
            )
            force = force + self.force(out, m, rbf_out)
        vectors = force * b["decoder.direction"]
        return vectors.new_zeros((len(h), 3)).index_add_(0, t, vectors)

    @staticmethod
    def force(out, m, rbf):
        x = m
        for layer in out.seq_forces:
            x = layer(x)
        return out.out_forces(out.scale_rbf_F(x, x * out.dense_rbf_F(rbf)))

    def loss(self, b, bases):
        o = self.options
        sbf, decoder_bases = bases
        mean, log_variance = self.encode(b, sbf)
        latents = mean + torch.exp(0.5 * log_variance) * b["deviates"]
        kl = 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean()
        lattice = (self.lattice(latents) - b["lattice"]).square().mean()
        error = (self.score(b, latents, decoder_bases) - b["score"]).square().sum(1, keepdim=True)
        coordinates = 0.5 * self.crystal_mean(error, b).mean()
        total = o["klWeight"] * kl + o["latticeWeight"] * lattice + o["coordinateWeight"] * coordinates
        return total, kl, lattice, coordinates

    def bases(self, b):
        """What depends on distances and angles alone: of the encoder, where the batch has one, and of the decoder."""
        with torch.no_grad():
            return self.encode_bases(b) if "encoder.distance" in b else None, self.decode_bases(b)


def batch(path):
    b = safetensors(path)
    b["count"] = len(b["atoms"])
    return b


class Peer:
    def __init__(self, folder, threads):
        torch.set_num_threads(threads)
        self.folder = pathlib.Path(folder)
        self.options = json.loads((self.folder / "options.json").read_text())
        self.model = Cdvae(self.options)
        self.fresh()
        self.ready = {}

    def fresh(self):
        self.model.load(safetensors(self.folder / "weights.safetensors"))
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.adam = torch.optim.Adam(parameters, lr=self.options["learningRate"])

    def batch(self, name):
        if name not in self.ready:
            b = batch(self.folder / f"{name}.safetensors")
            self.ready[name] = (b, None)
        return self.ready[name]

    def with_bases(self, name):
        b, bases = self.batch(name)
        if bases is None:
            bases = self.model.bases(b)
            self.ready[name] = (b, bases)
        return b, bases

    def loss(self, request):
        b, bases = self.with_bases(request["batch"])
        with torch.no_grad():
            terms = self.model.loss(b, bases)
        count = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        return {"loss": [float(t) for t in terms], "parameters": count}

    def train(self, request):
        """One step of Adam a batch; a batch is a list of parts, whose gradients add up."""
        seconds, cpu, losses = [], [], []
        clip = self.options["gradientClip"]
        ready = request["bases"] == "ready"
        for parts in request["batches"]:
            data = [self.with_bases(name) if ready else self.batch(name) for name in parts]
            whole = sum(b["count"] for b, _ in data)
            begin, begin_cpu = time.perf_counter(), time.process_time()
            self.adam.zero_grad()
            total = 0
            for b, bases in data:
                loss = self.model.loss(b, bases if ready else self.model.bases(b))[0] * (b["count"] / whole)
                loss.backward()
                total += float(loss.detach())
            torch.nn.utils.clip_grad_value_([p for p in self.model.parameters() if p.requires_grad], clip)
            self.adam.step()
            seconds.append(time.perf_counter() - begin)
            cpu.append(time.process_time() - begin_cpu)
            losses.append(total)
        return {"seconds": seconds, "cpu": cpu, "losses": losses}

    def decode(self, request):
        """Network calls of Langevin dynamics, one for each name; the walk itself costs nothing beside them."""
        ready = request["bases"] == "ready"
        data = [self.with_bases(name) if ready else self.batch(name) for name in request["batches"]]
        begin, begin_cpu = time.perf_counter(), time.process_time()
        with torch.no_grad():
            for b, bases in data:
                self.model.score(b, b["latents"], bases[1] if ready else self.model.decode_bases(b))
        return {"seconds": time.perf_counter() - begin, "cpu": time.process_time() - begin_cpu}


def main(folder, threads):
    peer = Peer(folder, int(threads))
    versions = {"torch": torch.__version__}
    print(json.dumps({"ready": True, "versions": versions, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "fresh":
            peer.fresh()
            answer = {}
        else:
            answer = getattr(peer, request["do"])(request)
        answer["peakMb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
