"""EMT that writes a line for each evaluation to the file $COUNTED and takes its time; above 40 A^3/atom it gives up."""

import os
import time

from ase.calculators.emt import EMT


class CountedEMT(EMT):
    def __init__(self, seconds=0.0):
        super().__init__()
        self.seconds = seconds

    def calculate(self, atoms=None, *arguments):
        if atoms.get_volume() / len(atoms) > 40:
            raise RuntimeError("did not converge\nafter 100 cycles")
        super().calculate(atoms, *arguments)
        time.sleep(self.seconds)
        with open(os.environ["COUNTED"], "a") as out:
            out.write(f"{os.getpid()} {atoms.get_volume():.6f}\n")
