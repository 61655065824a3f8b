"""The two workflows of the queue. The history of a batch is its durable record: a structure is an activity of its own, so
what was finished is never evaluated again, whoever dies, and several workers share a batch."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from .messages import DescribeRequest, EvaluateRequest, Result, StructureRequest

ATTEMPTS = 3
# Silence after which a worker counts as dead. How long a structure may take is the calculator's time limit.
HEARTBEAT = timedelta(seconds=10)
ACTIVITY: dict[str, Any] = {
    "heartbeat_timeout": HEARTBEAT,
    "start_to_close_timeout": timedelta(days=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_attempts=ATTEMPTS),
}


@workflow.defn(name="describe_calculator")
class DescribeCalculator:
    """{identity, elements} of a calculator; elements is null when its configuration does not say."""

    @workflow.run
    async def run(self, request: DescribeRequest) -> dict[str, Any]:
        return await workflow.execute_activity("describe_calculator", request, **ACTIVITY)


@workflow.defn(name="evaluate_crystals")
class EvaluateCrystals:
    """A result a crystal, in order. Fails, with the results as details, when the worker died with a structure each time:
    such a batch may be asked for again, while a completed one is remembered."""

    @workflow.run
    async def run(self, request: EvaluateRequest) -> list[Result]:
        results = await asyncio.gather(*(_evaluate(request, crystal) for crystal in request.crystals))
        lost = sum("error" in r and r["error"]["code"] == "LCOMS_E_COMPUTE_DIED" for r in results)
        if lost > 0:
            raise ApplicationError(f"{lost} structures were lost", results, type="LOST", non_retryable=True)
        return results


async def _evaluate(request: EvaluateRequest, crystal: dict[str, Any]) -> Result:
    structure = StructureRequest(request.calculator, request.identity, crystal)
    try:
        return await workflow.execute_activity("evaluate_structure", structure, **ACTIVITY)
    except ActivityError as error:
        if not isinstance(error.cause, TimeoutError):
            raise
        message = f"the Python worker died or fell silent with this structure, {ATTEMPTS} times"
        return {"error": {"code": "LCOMS_E_COMPUTE_DIED", "message": message}}
