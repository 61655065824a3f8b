"""A worker for ASE calculators: `python3 -m lcoms_scoring [--address HOST:PORT] [--calculators FILE]`.

Prints one line of JSON when it takes tasks ({ready, pid, queue, calculators}) or could not start ({error}); Ctrl-C and
SIGTERM stop it, after the structure under way.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.worker import Worker

from .activities import ScoringActivities
from .calculators import Calculators
from .config import DEFAULT_FILE, read_config
from .errors import ScoringError
from .server import connect
from .workflows import DescribeCalculator, EvaluateCrystals

# Time that a structure gets to finish when the worker is asked to stop.
GRACE = timedelta(seconds=5)


def arguments() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser("lcoms_scoring", description="Serves ASE calculators to lcoms (scorer/ase).")
    parser.add_argument(
        "--address",
        default=env("TEMPORAL_ADDRESS") or "127.0.0.1:7233",
        help="of the Temporal server (default: TEMPORAL_ADDRESS, else 127.0.0.1:7233)",
    )
    parser.add_argument("--namespace", default=env("TEMPORAL_NAMESPACE") or "default", help="default: TEMPORAL_NAMESPACE")
    parser.add_argument("--queue", default="score-python", help="task queue (default: score-python)")
    parser.add_argument(
        "--calculators",
        type=Path,
        default=Path(env("LCOMS_CALCULATORS") or DEFAULT_FILE),
        help="TOML file of the calculators (default: LCOMS_CALCULATORS, else the one in this package)",
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process that started this one")
    return parser.parse_args()


async def run(given: argparse.Namespace) -> int:
    configs = read_config(given.calculators)
    client = await connect(given.address, given.namespace)
    activities = ScoringActivities(Calculators(configs, str(given.calculators)))
    worker = Worker(
        client,
        task_queue=given.queue,
        workflows=[DescribeCalculator, EvaluateCrystals],
        activities=[activities.describe_calculator, activities.evaluate_structure],
        max_concurrent_activities=1,
        graceful_shutdown_timeout=GRACE,
        # Far below the heartbeat timeout of the activities, of which the server would take four fifths by itself.
        max_heartbeat_throttle_interval=timedelta(seconds=2),
        # How long a batch waits for a worker that was killed before another one may take it up.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
    )
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if given.until_stdin_closes:
        watch = lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(stop.set))  # noqa: E731
        threading.Thread(target=watch, daemon=True).start()
    async with worker:
        await until_seen(client, given.namespace, given.queue)
        say({"ready": True, "pid": os.getpid(), "queue": given.queue, "calculators": sorted(configs)})
        ends = [asyncio.create_task(event.wait()) for event in (stop, activities.stuck)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    return 3 if activities.stuck.is_set() else 0


async def until_seen(client: Client, namespace: str, queue: str) -> None:
    """Waits until the server lists this worker: lcoms asks for that before it sends anything."""
    request = DescribeTaskQueueRequest(
        namespace=namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    while True:
        answer = await client.workflow_service.describe_task_queue(request, retry=True)
        if any(poller.identity == client.identity for poller in answer.pollers):
            return
        await asyncio.sleep(0.05)


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    try:
        code = asyncio.run(run(arguments()))
    except ScoringError as error:
        say({"error": error.record()})
        code = 3
    # Not sys.exit: it would wait for the thread of a calculation that never ends.
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
