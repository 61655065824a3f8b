"""The other side of the benchmark: the same networks, loss and training step in PyTorch.

Reads requests, a line each, and answers each with a line of JSON, as bench/cdvae-node.mjs does. Arguments: the file of
batches, threads, device (cpu or cuda).
"""
import json
import resource
import struct
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import silu

COMPONENTS = 9


def read(path):
    """Tensors of a safetensors file and its metadata."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data, np.float32, (end - begin) // 4, 8 + length + begin)
        tensors[name] = torch.from_numpy(values.copy().reshape(entry["shape"]))
    return tensors, metadata


class Geometry:
    """Geometry of C crystals of n atoms: scalars [C, 9n, nR], radial [C, 1, n, nR], directions [C, n, 3nR]."""

    def __init__(self, scalars):
        crystals, rows, columns = scalars.shape
        n = rows // COMPONENTS
        self.crystals, self.n = crystals, n
        self.scalars = scalars
        self.radial = scalars[:, None, :n].expand(-1, 3, -1, -1).reshape(3 * crystals, n, columns)
        directions = scalars[:, n : 4 * n].reshape(crystals, 3, n, columns)
        self.directions = directions.transpose(1, 2).reshape(crystals, n, 3 * columns)


class Block(nn.Module):
    def __init__(self, o, first):
        super().__init__()
        width, message = o["width"], o["messageWidth"]
        self.width, self.message = width, message
        self.send = nn.Linear(width, width)
        self.sendVectors = None if first else nn.Linear(width, width, bias=False)
        self.filter = nn.Linear(width, o["radialFunctions"] * message, bias=False)
        self.mix = nn.Linear(message + (0 if first else width), 2 * width, bias=False)
        self.mixQuadrupoles = nn.Linear(message, message, bias=False)
        self.norm = nn.LayerNorm(2 * width + 2 * message)
        self.update = nn.Linear(2 * width + 2 * message, o["hiddenWidth"])
        self.out = nn.Linear(o["hiddenWidth"], 2 * width)

    def forward(self, s, v, g):
        c, n, m = g.crystals, g.n, self.message
        sent = self.filter(silu(self.send(s))).view(c, -1, m)
        scalar, vector, quadrupoles = torch.bmm(g.scalars, sent).split((n, 3 * n, 5 * n), 1)
        scalar, old = scalar.reshape(-1, m), vector.reshape(-1, m)
        if v is not None:
            filtered = self.filter(self.sendVectors(v))
            across = torch.bmm(g.radial, filtered.view(3 * c, -1, m))
            along = torch.bmm(g.directions, filtered.view(c, -1, m))
            scalar = scalar + along.view(-1, m)
            old = torch.cat((v, old + across.view(-1, m)), 1)
        measured, carried = self.mix(old).chunk(2, 1)
        bent = self.mixQuadrupoles(quadrupoles.reshape(-1, m))
        lengths = torch.sqrt(measured.square().view(c, 3, n, -1).sum(1) + 1e-2).view(c * n, -1)
        bentLengths = torch.sqrt(bent.square().view(c, 5, n, -1).sum(1) + 1e-2).view(c * n, -1)
        seen = torch.cat((s, scalar, lengths, bentLengths), 1)
        change, gate = self.out(silu(self.update(self.norm(seen)))).chunk(2, 1)
        turned = (carried.reshape(c, 3, n, -1) * gate.reshape(c, 1, n, -1)).view(3 * c * n, -1)
        return s + change, turned if v is None else v + turned


def network(o, blocks):
    return nn.ModuleList(Block(o, i == 0) for i in range(blocks))


def run(blocks, s, g):
    v = None
    for block in blocks:
        s, v = block(s, v, g)
    return s, v


class Networks(nn.Module):
    def __init__(self, o, features):
        super().__init__()
        self.o = o
        width, hidden, latent = o["width"], o["hiddenWidth"], o["latentDimension"]
        self.encoder = nn.ModuleDict(
            {
                "embedding": nn.Linear(features, width),
                "lattice": nn.Linear(6, width, bias=False),
                "blocks": network(o, o["encoderBlocks"]),
                "hidden": nn.Linear(width + 6, hidden),
                "out": nn.Linear(hidden, 2 * latent),
            }
        )
        self.decoder = nn.ModuleDict(
            {
                "embedding": nn.Linear(features, hidden, bias=False),
                "condition": nn.Linear(latent + 7, hidden),
                "start": nn.Linear(hidden, width),
                "blocks": network(o, o["decoderBlocks"]),
                "vector": nn.Linear(width, 1, bias=False),
            }
        )
        self.lattice = nn.ModuleDict({"hidden": nn.Linear(latent + features, hidden), "out": nn.Linear(hidden, 6)})
        self.energy = nn.ModuleDict({"hidden": nn.Linear(latent, hidden), "out": nn.Linear(hidden, 1)})

    def encode(self, g, atoms, lattice):
        e = self.encoder
        lattice = lattice.clamp(-5, 5)
        start = e["embedding"](atoms).view(g.crystals, g.n, -1) + e["lattice"](lattice)[:, None]
        s, _ = run(e["blocks"], start.view(g.crystals * g.n, -1), g)
        pooled = torch.cat((s.view(g.crystals, g.n, -1).mean(1), lattice), 1)
        mean, log_variance = e["out"](silu(e["hidden"](pooled))).chunk(2, 1)
        return mean, log_variance.clamp(-12, 3)

    def score(self, g, atoms, lattice, latents, noise):
        d = self.decoder
        condition = d["condition"](torch.cat((latents, lattice, noise), 1))
        joined = silu(d["embedding"](atoms).view(g.crystals, g.n, -1) + condition[:, None])
        _, v = run(d["blocks"], d["start"](joined).view(g.crystals * g.n, -1), g)
        each = d["vector"](v).view(g.crystals, 3, g.n)
        return (each - each.mean(2, keepdim=True)).transpose(1, 2).reshape(-1, 3)

    def losses(self, b):
        """Total and terms, in the order of the other side's LOSS_TERMS."""
        o = self.o
        clean, noisy = Geometry(b["clean"]), Geometry(b["noisy"])
        mean, log_variance = self.encode(clean, b["atoms"], b["lattice"])
        variance = log_variance.exp()
        latents = mean + variance.sqrt() * b["deviates"]
        kl = 0.5 * (mean.square() + variance - log_variance - 1).sum(1).mean()
        heads = lambda head, x: head["out"](silu(head["hidden"](x)))
        lattice = (heads(self.lattice, torch.cat((latents, b["composition"]), 1)) - b["lattice"]).square().mean()
        score = self.score(noisy, b["atoms"], b["lattice"], latents, b["noise"])
        coordinates = 1.5 * (score - b["score"]).square().mean()
        energy = (heads(self.energy, latents) - b["energy"]).square().mean()
        total = (
            o["klWeight"] * kl
            + o["latticeWeight"] * lattice
            + o["coordinateWeight"] * coordinates
            + o["energyWeight"] * energy
        )
        return total, kl, lattice, coordinates, energy


def load(networks, tensors):
    """Takes the other side's weights over: dense layers are transposed there."""
    given = {}
    for name, value in tensors.items():
        if not name.startswith("weight:"):
            continue
        name = name[len("weight:") :].replace(".block", ".blocks.")
        given[name] = value.T if value.dim() == 2 else value
    networks.load_state_dict(given)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return 1000 * (used.ru_utime + used.ru_stime)


def main():
    path, threads, device = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    tensors, metadata = read(path)
    tensors = {name: value.to(device) for name, value in tensors.items()}
    options = json.loads(metadata["options"])
    batches = [{} for _ in range(int(metadata["batches"]))]
    calls = [{} for _ in range(int(metadata["calls"]))]
    for name, value in tensors.items():
        at, _, part = name.partition(":")
        if at.isdigit():
            batches[int(at)][part] = value
        elif at.startswith("call"):
            calls[int(at[len("call") :])][part] = value
    share = max(1, batches[0]["lattice"].shape[0] // len(batches))
    networks = Networks(options, batches[0]["atoms"].shape[1]).to(device)
    load(networks, tensors)
    adam = torch.optim.Adam(networks.parameters(), lr=1e-3, fused=True)

    def losses():
        with torch.no_grad():
            values = [[float(x) for x in networks.losses(b)] for b in batches]
            score = lambda b: networks.score(Geometry(b["noisy"]), b["atoms"], b["lattice"], b["deviates"], b["noise"])
            values.append([float(score(b).square().mean()) for b in calls])
        count = sum(p.numel() for p in networks.parameters())
        return {"losses": values, "parameters": count, "versions": {"python": sys.version.split()[0], "torch": torch.__version__, "threads": torch.get_num_threads(), "device": torch.cuda.get_device_name() if device == "cuda" else device}}

    def train(_):
        answers = []
        for b in batches:
            used, start = cpu(), time.perf_counter()
            adam.zero_grad(set_to_none=True)
            total = networks.losses(b)[0]
            total.item()
            middle = time.perf_counter()
            total.backward()
            nn.utils.clip_grad_value_(networks.parameters(), options["gradientClip"])
            last = time.perf_counter()
            adam.step()
            end = time.perf_counter()
            answers.append({"network": 1000 * (end - start), "forward": 1000 * (middle - start), "optimizer": 1000 * (end - last), "cpu": cpu() - used})
        return answers

    def decode(times):
        """The other side's calls as they are, and the same crystals with a call a size."""
        used, start = cpu(), time.perf_counter()
        with torch.inference_mode():
            for b in calls:
                for _ in range(times):
                    networks.score(Geometry(b["noisy"]), b["atoms"], b["lattice"], b["deviates"], b["noise"]).cpu().numpy()
        shared, used_shared = 1000 * (time.perf_counter() - start), cpu() - used
        start = time.perf_counter()
        with torch.inference_mode():
            for b in batches:
                n = b["noisy"].shape[1] // COMPONENTS
                part = {k: b[k][:share] for k in ("noisy", "lattice", "deviates", "noise")}
                for _ in range(times):
                    g = Geometry(part["noisy"])
                    networks.score(g, b["atoms"][: share * n], part["lattice"], part["deviates"], part["noise"]).cpu().numpy()
        return {"network": shared, "bySize": 1000 * (time.perf_counter() - start), "cpu": used_shared}

    requests = {"losses": losses, "train": train, "decode": decode}
    for line in sys.stdin:
        name, *args = json.loads(line)
        print(json.dumps(requests[name](*args)), flush=True)


main()
