"""The place for ending tasks that go on by themselves."""

from __future__ import annotations

import asyncio
from typing import Any


async def stopped(*tasks: asyncio.Future[Any]) -> None:
    """Cancel ``tasks`` and wait until they have ended. How they ended stays with them.

    Awaiting a cancelled task and catching what it raises would also catch a cancellation of whoever waits.
    """
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
