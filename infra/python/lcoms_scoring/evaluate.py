"""Energy, forces and stress of one crystal, or its typed error: nothing that one structure does disturbs another."""

from typing import Any

import numpy as np
from ase import Atoms

from .calculators import ServedCalculator
from .errors import ScoringError, one_line

# GPa in one eV/A^3, as lib/scoring/evaluation.ts.
GPA_PER_EV_A3 = 160.21766208


def evaluate(served: ServedCalculator, crystal: dict[str, Any]) -> dict[str, Any]:
    """{energy, forces, stress} or {error: {code, message}}.

    Energy in eV for the cell; forces in eV/A, 3 for each atom in a row; stress in GPa, 9 row by row, (1/V) dE/d(strain):
    ASE's own sign. The crystal has `lattice` (rows, A), `species` and `frac`.
    """
    try:
        return _evaluate(served, crystal)
    except ScoringError as error:
        return {"error": error.record()}


def _evaluate(served: ServedCalculator, crystal: dict[str, Any]) -> dict[str, Any]:
    name, known = served.config.name, served.config.elements
    if known is not None:
        unknown = sorted(set(crystal["species"]) - set(known))
        if unknown:
            message = f"ase/{name} does not know {', '.join(unknown)}; it knows {' '.join(known)}"
            raise ScoringError("LCOMS_E_ELEMENT_UNKNOWN", message)
    calculator = served.get()
    try:
        atoms = Atoms(crystal["species"], cell=crystal["lattice"], scaled_positions=crystal["frac"], pbc=True)
        atoms.calc = calculator
        # Bad geometry ends in values that are not finite, which are told below; numpy's warnings tell nobody.
        with np.errstate(all="ignore"):
            energy = float(atoms.get_potential_energy())
            forces = np.asarray(atoms.get_forces(), dtype=float)
            stress = np.asarray(atoms.get_stress(voigt=False), dtype=float) * GPA_PER_EV_A3
    except Exception as error:
        raise ScoringError("LCOMS_E_CALCULATOR", f"ase/{name} failed: {one_line(error)}") from error
    for what, values in {"energy": energy, "forces": forces, "stress": stress}.items():
        if not np.all(np.isfinite(values)):
            raise ScoringError("LCOMS_E_CALCULATOR", f"ase/{name} gave a value of the {what} that is not finite")
    return {"energy": energy, "forces": forces.ravel().tolist(), "stress": stress.ravel().tolist()}
