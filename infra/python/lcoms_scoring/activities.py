"""The activities: thin, with the calculation in a thread so that heartbeats go on beside it."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from .calculators import Calculators
from .errors import ScoringError
from .evaluate import evaluate
from .messages import DescribeRequest, Result, StructureRequest

# Seconds between signs of life.
BEAT = 1.0
# Seconds that importing a calculator and loading its weights may take.
LOADING_LIMIT = 600.0


class ScoringActivities:
    """One structure at a time: calculators use the cores themselves. Start more workers for more."""

    def __init__(self, calculators: Calculators):
        self._calculators = calculators
        self._thread = ThreadPoolExecutor(1, "calculator")
        # Set when a calculation outlived its limit: a thread can't be ended, so the process has to be.
        self.stuck = asyncio.Event()

    @activity.defn(name="describe_calculator")
    async def describe_calculator(self, request: DescribeRequest) -> dict[str, Any]:
        served = await self._beating(LOADING_LIMIT, self._calculators.open, request.calculator)
        return {"identity": served.identity, "elements": served.config.elements}

    @activity.defn(name="evaluate_structure")
    async def evaluate_structure(self, request: StructureRequest) -> Result:
        served = await self._beating(LOADING_LIMIT, self._calculators.open, request.calculator)
        if served.identity != request.identity:
            message = (
                f"the Python worker's {served.identity['name']} is {served.identity['version']}, while this batch was "
                f"begun with {request.identity['version']} (or other weights): do not mix them on one queue"
            )
            raise refusal("LCOMS_E_CONFIG", message)
        limit = served.config.time_limit
        try:
            return await self._beating(limit, evaluate, served, request.crystal)
        except TimeoutError:
            message = f"ase/{request.calculator} took longer than its time-limit of {limit:g} s"
            return {"error": {"code": "LCOMS_E_CALCULATOR", "message": message}}

    async def _beating(self, limit: float, work: Callable[..., Any], *arguments: Any) -> Any:
        """Runs `work` in the thread. Each beat says: this process lives, and the work is within its limit (seconds)."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        begun = time.monotonic()
        while True:
            done, _ = await asyncio.wait({future}, timeout=BEAT)
            if done:
                break
            elapsed = time.monotonic() - begun
            if elapsed > limit:
                self.stuck.set()
                raise TimeoutError
            activity.heartbeat({"seconds": round(elapsed)})
        try:
            return future.result()
        except ScoringError as error:
            raise refusal(error.code, error.message) from None


def refusal(code: str, message: str) -> ApplicationError:
    """Benign: it is told to whoever asked, and no failure of this worker that its log should show."""
    return ApplicationError(message, type=code, non_retryable=True, category=ApplicationErrorCategory.BENIGN)
