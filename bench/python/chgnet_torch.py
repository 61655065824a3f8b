"""PyTorch side of chgnet.mjs: `chgnet_torch.py CELLS MODEL THREADS`, THREADS 0 for as many as PyTorch takes by itself.

Requests and answers are lines of JSON. CHGNet as its authors ship it: predict_structure with energy, forces and stress.
"""

import contextlib
import json
import sys
import time
from importlib.metadata import version

import torch
from chgnet.model.model import CHGNet
from pymatgen.core import Lattice, Structure

cells, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
if threads > 0:
    torch.set_num_threads(threads)
with open(cells) as file:
    structures = [Structure(Lattice(c["cell"]), c["Z"], c["frac"]) for c in json.load(file)]
with contextlib.redirect_stdout(sys.stderr):
    model = CHGNet.load(model_name=name, use_device="cpu", verbose=False)


def predict(together):
    """All structures, `together` in a call (1: one by one, as a relaxation asks)."""
    if together == 1:
        return [model.predict_structure(s, task="efs") for s in structures]
    return model.predict_structure(structures, task="efs", batch_size=together)


def graphs():
    for s in structures:
        model.graph_converter(s)


versions = {p: version(p) for p in ("chgnet", "torch", "numpy", "pymatgen")}
print(json.dumps({"ready": True, "threads": torch.get_num_threads(), "versions": versions}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    wall, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(sys.stderr):
        results = graphs() if request["do"] == "graphs" else predict(request["together"])
    answer = {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - wall}
    if request.get("values"):
        answer["values"] = [{"e": float(r["e"]), "f": r["f"].tolist(), "s": r["s"].tolist()} for r in results]
    print(json.dumps(answer), flush=True)
