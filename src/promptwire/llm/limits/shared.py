"""Levels shared by several processes: the same algorithm as `memory`, as scripts that Redis runs whole.

The clock is Redis's own, so processes need not agree on the time. Keys carry one hash tag: a reservation over several
buckets must be one script on one node. A lost Redis raises `LevelsLost`; what then holds is each limit's own choice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import redis.asyncio
from redis.exceptions import RedisError

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge, Kind, Level, Verdict

PREFIX: Final = "{promptwire:limits}:1:"  # the number is the version of what the scripts keep
PATIENCE_S: Final = 1.0  # for a connection and for an answer; a Redis that takes longer counts as lost
LEVELS_PATIENCE_S: Final = 5.0  # for all levels together, which are many commands

# KEYS: the reservation, then one per charge. ARGV: lease_s, then kind, cost, cost_s or amount, tolerance_s per charge.
_RESERVE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local known = redis.call('HGET', KEYS[1], 'verdict')
if known then return known end
local lease = tonumber(ARGV[1])
local left, states = {}, {}
for i = 2, #KEYS do
  local at = (i - 2) * 4 + 2
  local kind, cost = ARGV[at], tonumber(ARGV[at + 1])
  if kind == 'streams' then
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
    local spare = tonumber(ARGV[at + 2]) - redis.call('ZCARD', KEYS[i]) - cost
    if spare < 0 then return cjson.encode({refused = i - 2, wait = 1, left = {0}}) end
    left[#left + 1] = spare
  else
    local cost_s, tolerance = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local state = redis.call('HMGET', KEYS[i], 'full', 'empty')
    local full, empty = tonumber(state[1]) or 0, tonumber(state[2]) or 0
    if full <= now then full, empty = now, now end
    local spare = tolerance - (full - now) - cost_s
    if spare < -1e-6 then
      return cjson.encode({refused = i - 2, wait = -spare, left = {0}})
    end
    left[#left + 1] = cost_s > 0 and math.max(spare, 0) * cost / cost_s or 0
    states[i] = {full + cost_s, empty}
  end
end
for i = 2, #KEYS do
  local at = (i - 2) * 4 + 2
  if states[i] then
    local full = states[i][1]
    redis.call('HSET', KEYS[i], 'full', string.format('%.6f', full), 'empty', string.format('%.6f', states[i][2]))
    redis.call('PEXPIRE', KEYS[i], math.ceil((full - now + lease) * 1000))
  else
    redis.call('ZADD', KEYS[i], now + lease, KEYS[1])
    redis.call('PEXPIRE', KEYS[i], math.ceil(lease * 1000))
  end
end
local verdict = cjson.encode({refused = -1, wait = 0, left = left})
redis.call('HSET', KEYS[1], 'verdict', verdict, 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(lease * 1000))
return verdict
"""

# KEYS as above. ARGV: kind, delta_s per charge, delta_s empty when what was used is unknown.
_SETTLE: Final = """
local at = tonumber(redis.call('HGET', KEYS[1], 'at'))
if not at then return 0 end
redis.call('DEL', KEYS[1])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
for i = 2, #KEYS do
  local kind, delta = ARGV[(i - 2) * 2 + 1], tonumber(ARGV[(i - 2) * 2 + 2])
  if kind == 'streams' then
    redis.call('ZREM', KEYS[i], KEYS[1])
  elseif delta then
    local state = redis.call('HMGET', KEYS[i], 'full', 'empty')
    local full, empty = tonumber(state[1]), tonumber(state[2])
    if delta > 0 then
      full = math.max(full or 0, now) + delta
    elseif full and at >= empty - 1e-6 then
      full = full + delta
    end
    if full then
      redis.call('HSET', KEYS[i], 'full', string.format('%.6f', full), 'empty', string.format('%.6f', empty or now))
      redis.call('PEXPIRE', KEYS[i], math.max(math.ceil((full - now) * 1000), 1000) + 600000)
    end
  end
end
return 1
"""


class LevelsLost(Exception):
    """The shared counters cannot be reached."""


def connect(url: str) -> redis.asyncio.Redis:
    """A client of the Redis at ``url``. It connects when first asked; whoever asks bounds the wait by `PATIENCE_S`.

    Its own time limit stays off: it sends within `asyncio.wait_for`, which costs a task a command and, before
    Python 3.12, swallows a cancellation that comes as the sending ends.
    """
    return redis.asyncio.from_url(url, socket_timeout=None, socket_connect_timeout=PATIENCE_S)


class SharedBuckets:
    """`promptwire.llm.limits.limit.Buckets` on a Redis that several processes share."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._reserve = client.register_script(_RESERVE)
        self._settle = client.register_script(_SETTLE)
        self._taken: dict[str, tuple[Charge, ...]] = {}

    async def reserve(self, reservation: str, charges: tuple[Charge, ...], *, lease_s: float) -> Verdict:
        """See `Buckets.reserve`. Raises LevelsLost."""
        arguments: list[str | float] = [lease_s]
        for charge in charges:
            streams = charge.limit.kind == "streams"
            arguments += [
                charge.limit.kind,
                charge.cost,
                charge.limit.amount if streams else charge.cost_s,
                charge.tolerance_s,
            ]
        self._taken[reservation] = charges
        answer = json.loads(await self._run(self._reserve, _keys(reservation, charges), arguments))
        if answer["refused"] >= 0:
            del self._taken[reservation]
            return Verdict(granted=False, refused=answer["refused"], wait_s=answer["wait"], remaining=(0.0,))
        return Verdict(granted=True, remaining=tuple(answer["left"] or ()))

    async def settle(self, reservation: str, actual: Mapping[Kind, float]) -> None:
        """See `Buckets.settle`. Raises LevelsLost; the lease then ends by itself."""
        charges = self._taken.pop(reservation, None)
        if charges is None:
            return
        arguments: list[str | float] = []
        for charge in charges:
            used = actual.get(charge.limit.kind)
            arguments += [charge.limit.kind, "" if used is None else (used - charge.cost) * charge.unit_s]
        await self._run(self._settle, _keys(reservation, charges), arguments)

    async def levels(self, limits: Iterable[Limit]) -> list[Level]:
        """See `Buckets.levels`. Raises LevelsLost."""
        client: Any = self._client
        try:
            async with asyncio.timeout(LEVELS_PATIENCE_S):
                seconds, micros = await client.time()
                now = seconds + micros / 1e6
                return [
                    await self._level(limit, bucket, now)
                    for limit in limits
                    for bucket in await self._buckets_of(limit)
                ]
        except (RedisError, OSError) as error:
            raise LevelsLost(str(error)) from error

    async def _buckets_of(self, limit: Limit) -> list[str]:
        client: Any = self._client
        keys = [key async for key in client.scan_iter(match=PREFIX + _literal(limit.id) + "*", count=1000)]
        buckets = [key.decode().removeprefix(PREFIX) for key in keys]
        return [bucket for bucket in buckets if bucket.split("|", 1)[0] == limit.id]

    async def _level(self, limit: Limit, bucket: str, now: float) -> Level:
        client: Any = self._client  # redis-py's answers are typed as sync-or-async unions
        if limit.kind == "streams":
            used = float(await client.zcount(PREFIX + bucket, now, "+inf"))
        else:
            full = float(await client.hget(PREFIX + bucket, "full") or 0)
            used = max(full - now, 0.0) / Charge(limit=limit, bucket=bucket, cost=0).unit_s
        return Level(limit=limit.id, bucket=bucket, used=used, amount=limit.amount)

    async def _run(self, script: Any, keys: list[str], arguments: list[str | float]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await script(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise LevelsLost(str(error)) from error


def _keys(reservation: str, charges: tuple[Charge, ...]) -> list[str]:
    return [f"{PREFIX}r:{reservation}", *(PREFIX + charge.bucket for charge in charges)]


def _literal(text: str) -> str:
    """``text`` for a Redis glob pattern."""
    return "".join(f"\\{letter}" if letter in "*?[]\\^-" else letter for letter in text)
