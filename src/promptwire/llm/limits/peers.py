"""The place for knowing how many processes share the limits: each says on Redis that it is there, every few seconds.

What they know last is what holds while Redis is lost: a limit that is then shared out is divided by that many.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Any, Final

import redis.asyncio
from redis.exceptions import RedisError

from promptwire.llm.limits.shared import PATIENCE_S, PREFIX

BEAT_S: Final = 5.0
MISSED: Final = 3  # beats without which a process counts as gone

# KEYS: the set of processes. ARGV: who is there, and for how many seconds that holds.
_BEAT: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000))
return redis.call('ZCARD', KEYS[1])
"""


class Peers:
    """This process among those that share the limits. ``count`` is how many there were at the last beat."""

    def __init__(self, client: redis.asyncio.Redis, *, beat_s: float = BEAT_S, key: str = PREFIX + "peers") -> None:
        self.count = 1
        self._client: Any = client  # redis-py's answers are typed as sync-or-async unions
        self._beat = client.register_script(_BEAT)
        self._beat_s, self._key, self._name = beat_s, key, uuid.uuid4().hex

    async def beat(self) -> None:
        """Say that this process is there, and count. While Redis is lost the last count holds."""
        with contextlib.suppress(RedisError, OSError):
            async with asyncio.timeout(PATIENCE_S):
                self.count = await self._beat(keys=[self._key], args=[self._name, MISSED * self._beat_s])

    async def keep_beating(self) -> None:
        """Beat until cancelled, then say goodbye."""
        try:
            while True:
                await self.beat()
                await asyncio.sleep(self._beat_s)
        finally:
            with contextlib.suppress(RedisError, OSError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._client.zrem(self._key, self._name)
