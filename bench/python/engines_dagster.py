"""The job of engines.py for Dagster, as a module: processes that run a task find it by its name. Sizes by environment."""

import os

from dagster import job, op

CHAINS, LENGTH = int(os.environ["ENGINES_CHAINS"]), int(os.environ["ENGINES_LENGTH"])


@op
def first() -> int:
    return 1


@op
def add_one(number: int) -> int:
    return number + 1


@job
def graph():
    for chain in range(CHAINS):
        number = first.alias(f"c{chain}_0")()
        for i in range(1, LENGTH):
            number = add_one.alias(f"c{chain}_{i}")(number)
