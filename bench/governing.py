"""What governing costs: limits for each request, in memory and on Redis, and ten thousand words for each chunk."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, cast

import redis.asyncio
import uvloop

from bench.processes import cores, running
from promptwire.api.governance import Limit, Rule, RuleSet
from promptwire.api.message import Delta, Event
from promptwire.llm.limits.admission import Admission
from promptwire.llm.limits.limit import Subject
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.limits.shared import SharedBuckets
from promptwire.llm.moderation.moderation import Moderation

LIMITS: Final = tuple(Limit(id=kind, kind=kind, amount=1e9, user="*") for kind in ("requests", "tokens", "streams"))
REQUESTS: Final = 2_000
WORDS: Final = 10_000
CHINESE: Final = 0.7  # of the words, and of the text
CHUNKS: Final = 10_000
CHUNK: Final = 6  # characters
ROUNDS: Final = 5


def run() -> None:
    """Both, one after the other."""
    uvloop.run(_limits())
    uvloop.run(_words())


async def _limits() -> None:
    print(f"\na request under {len(LIMITS)} limits (requests, tokens, streams, each by user): reserved and settled")
    print(f"  {'':22}{'CPU us':>8}{'p50 us':>9}{'p99 us':>9}")
    _line("in memory", await _timed(_admitted(Admission(MemoryBuckets(), _in_force))))
    if shutil.which("redis-server") is None:
        print("  without Redis: not installed")
        return
    with _redis() as url:
        async with redis.asyncio.from_url(url) as client:
            execute = client.execute_command  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            ping = partial(cast("Callable[[str], Awaitable[object]]", execute), "PING")
            floor: list[tuple[float, float, float]] = []
            shared: list[tuple[float, float, float]] = []
            for _ in range(ROUNDS):
                floor.append(await _timed(ping))
                shared.append(await _timed(_admitted(Admission(SharedBuckets(client), _in_force))))
            _line("on Redis, both calls", _medians(shared))
            _line("one PING of Redis", _medians(floor))


def _admitted(admission: Admission) -> Callable[[], Awaitable[object]]:
    subject = Subject(model="m", user="somebody")

    async def one() -> None:
        grant = await admission.admit(subject, tokens=1_000, lease_s=60)
        await admission.settle(grant, tokens=400)

    return one


async def _in_force() -> Iterable[Limit]:
    return LIMITS


async def _timed(one: Callable[[], Awaitable[object]]) -> tuple[float, float, float]:
    """CPU of this process, p50 and p99 of the clock, in microseconds for each."""
    for _ in range(REQUESTS // 10):
        await one()
    took: list[float] = []
    cpu = time.process_time()
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        await one()
        took.append(time.perf_counter() - begun)
    cpu = (time.process_time() - cpu) / REQUESTS
    took.sort()
    return cpu * 1e6, took[len(took) // 2] * 1e6, took[len(took) * 99 // 100] * 1e6


def _medians(rounds: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    cpu, p50, p99 = (median(values) for values in zip(*rounds, strict=True))
    return cpu, p50, p99


def _line(name: str, costs: tuple[float, float, float]) -> None:
    print(f"  {name:22}{costs[0]:8.1f}{costs[1]:9.1f}{costs[2]:9.1f}")


@contextlib.contextmanager
def _redis() -> Generator[str, None, None]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", Path(folder)]
        with running(command, core=cores()[1]) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ready to accept connections" in line:
                    break
            yield f"redis://127.0.0.1:{port}"


async def _words() -> None:
    dice = random.Random(7)
    words = [_word(dice) for _ in range(WORDS)]
    text = "".join(_word(dice) + dice.choice([" ", "\uff0c", ""]) for _ in range(CHUNKS * CHUNK))[: CHUNKS * CHUNK]
    pieces = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    rules = RuleSet(id="words", rules=[Rule(id="words", kind="words", action="mask", patterns=words)])
    moderation = Moderation(rules)
    with_words: list[float] = []
    without: list[float] = []
    for _ in range(ROUNDS):
        without.append(await _read(_typed(pieces)))
        with_words.append(await _read(moderation.answer(_typed(pieces), _nobody)))
    print(f"\n{WORDS:,} forbidden words, {CHINESE:.0%} of them Chinese, in chunks of {CHUNK} characters")
    print(f"  moderated {median(with_words):6.2f} us CPU per chunk, not moderated {median(without):5.2f}")


async def _nobody(*_: object) -> None:
    return None


async def _typed(pieces: list[str]) -> AsyncGenerator[Event, None]:
    for piece in pieces:
        yield Delta(text=piece)


async def _read(events: AsyncGenerator[Event, None]) -> float:
    begun = time.process_time()
    async for _ in events:
        pass
    return (time.process_time() - begun) / CHUNKS * 1e6


def _word(dice: random.Random) -> str:
    if dice.random() < CHINESE:
        return "".join(chr(dice.randint(0x4E00, 0x9FA5)) for _ in range(dice.randint(2, 5)))
    return "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(dice.randint(4, 9)))
