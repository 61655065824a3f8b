"""Serves ASE calculators to lcoms as activities of a Temporal worker: `python3 -m lcoms_scoring --help`."""
