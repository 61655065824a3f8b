"""Draws the learning curve of an encoder, history.jsonl of a model folder, as an SVG.

    pip install matplotlib==3.11.2
    python infra/models/learning_curve.py plugins/encoders/cdvae/shipped/history.jsonl plugins/encoders/cdvae/shipped/learning-curve.svg
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
# The same bytes every time.
matplotlib.rcParams["svg.hashsalt"] = "lcoms"
import matplotlib.pyplot as plt  # noqa: E402

TERMS = [
    ("total", "total loss, weighted"),
    ("coordinates", "denoising, per atom (Eq. 4)"),
    ("lattice", "six lattice numbers, mean square"),
    ("kl", "divergence to the prior, nats"),
    ("energy", "energy head, mean square"),
]


def main(history: str, out: str) -> None:
    with open(history) as lines:
        rows = [json.loads(line) for line in lines]
    figure, axes = plt.subplots(1, len(TERMS), figsize=(3.1 * len(TERMS), 2.8), layout="constrained")
    for axis, (term, title) in zip(axes, TERMS):
        for split, colour in (("train", "#4477aa"), ("validation", "#cc6677")):
            points = [(row["epoch"], row[f"{split}.{term}"]) for row in rows if f"{split}.{term}" in row]
            marker = "o" if split == "validation" else None
            axis.plot(*zip(*points), color=colour, marker=marker, markersize=3, label=split)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("epoch", fontsize=8)
        axis.set_yscale("log")
        axis.tick_params(labelsize=7, which="both")
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
