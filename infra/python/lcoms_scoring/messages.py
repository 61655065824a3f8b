"""What travels between lcoms and this worker, as JSON: the same shapes as schemas/remote-score.ts."""

from dataclasses import dataclass
from typing import Any

# A crystal: {lattice: three rows in A, species: element symbols, frac: fractional coordinates}.
Crystal = dict[str, Any]
# {energy, forces, stress} or {error: {code, message}}, as of evaluate().
Result = dict[str, Any]
# {name, version, weights}, as of a score in lcoms.
Identity = dict[str, Any]


@dataclass
class DescribeRequest:
    calculator: str


@dataclass
class EvaluateRequest:
    calculator: str
    # Who must answer: energies of two versions are never mixed.
    identity: Identity
    crystals: list[Crystal]


@dataclass
class StructureRequest:
    calculator: str
    identity: Identity
    crystal: Crystal
