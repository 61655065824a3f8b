"""The graph of bench/sweep.mjs in other workflow engines: so many chains of tasks, each of which returns a number.

engines.py ENGINE CHAINS LENGTH FOLDER  prints {tasks, seconds, cpuSeconds, versions, persists}; seconds and cpuSeconds
are those of building and running the graph: importing the engine is left out. FOLDER takes what the engine keeps.
"""

import atexit
import importlib.metadata
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path

engine, folder = sys.argv[1], Path(sys.argv[4]).resolve()
chains, length = int(sys.argv[2]), int(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
os.chdir(folder)


def add_one(number):
    return number + 1


def prefect_runner():
    """A flow against Prefect's own ephemeral server (SQLite in PREFECT_HOME), tasks in threads, results kept as files."""
    home = {
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    quiet = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "ERROR"}
    os.environ.update(home | quiet)
    from prefect import flow, task

    step = task(add_one, persist_result=True)

    @flow
    def graph():
        ends = []
        for chain in range(chains):
            number = chain
            for _ in range(length):
                number = step.submit(number)
            ends.append(number)
        return [end.result() for end in ends]

    return graph


def dagster_runner(in_process):
    """A job with a local instance: events in SQLite, outputs pickled to files. One process, or one a task."""
    os.environ.update(
        {
            "DAGSTER_HOME": str(folder),
            "ENGINES_CHAINS": str(chains),
            "ENGINES_LENGTH": str(length),
        }
    )
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    from dagster import DagsterInstance, execute_job, reconstructable

    import engines_dagster as module

    # A process that runs a task looks for that module in the working folder.
    os.chdir(Path(__file__).parent)

    def graph():
        loggers = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
        execution = {"execution": {"config": {"in_process": {}}}} if in_process else {}
        with DagsterInstance.get() as instance:
            job = reconstructable(module.graph)
            with execute_job(job, instance=instance, run_config=loggers | execution) as result:
                if not result.success:
                    raise SystemExit("the job failed")
                return [result.output_for_node(f"c{chain}_{length - 1}") for chain in range(chains)]

    return graph


def jobflow_runner(kept):
    """A flow by run_locally, with the default store (in memory), or one that keeps its outputs in a JSON file."""
    from jobflow import Flow, JobStore, job, run_locally
    from maggma.stores import JSONStore, MemoryStore

    step = job(add_one)
    docs = JSONStore(str(folder / "outputs.json"), read_only=False, key="uuid") if kept else MemoryStore()

    def graph():
        jobs, ends = [], []
        for chain in range(chains):
            number = chain
            for _ in range(length):
                made = step(number)
                jobs.append(made)
                number = made.output
            ends.append(made)
        store = JobStore(docs)
        answers = run_locally(Flow(jobs), store=store, log=False, create_folders=False, ensure_success=True)
        return [answers[end.uuid][1].output for end in ends]

    return graph


RUNNERS = {
    "prefect": (prefect_runner, "states in SQLite, results as files"),
    "dagster-in-process": (lambda: dagster_runner(True), "events in SQLite, outputs as files"),
    "dagster-multiprocess": (lambda: dagster_runner(False), "events in SQLite, outputs as files"),
    "jobflow": (lambda: jobflow_runner(False), "nothing: outputs are in memory"),
    "jobflow-json": (lambda: jobflow_runner(True), "outputs in a JSON file, written anew after every task"),
}


def processor_time():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main():
    told = {}
    cpu = 0.0

    def tell():
        print(json.dumps(told | {"cpuSeconds": processor_time() - cpu}))

    # Registered before the engine's own: said last, when the processes that it started have ended and are counted.
    atexit.register(tell)
    make, persists = RUNNERS[engine]
    runner = make()
    cpu, started = processor_time(), time.perf_counter()
    answers = runner()
    seconds = time.perf_counter() - started
    if len(answers) != chains or any(not isinstance(answer, int) for answer in answers):
        raise SystemExit("a chain did not end with a number")
    package = engine.split("-")[0]
    versions = {package: importlib.metadata.version(package), "python": platform.python_version()}
    told |= {"tasks": chains * length, "seconds": seconds, "persists": persists, "versions": versions}


# A process that runs a task of Dagster's reads this file, too.
if __name__ == "__main__":
    main()
