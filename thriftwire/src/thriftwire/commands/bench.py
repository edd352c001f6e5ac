"""``thriftwire bench``: many streams or calls of one method at once, and how long they took."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvloop

from thriftwire import generic
from thriftwire.client import Timeouts
from thriftwire.commands import target
from thriftwire.commands.outcome import Exit, Usage, exit_of

HELP = "call a method many times at once and print percentiles"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    target.add_idl(parser)
    target.add_method(parser)
    target.add_endpoint(parser)
    parser.add_argument(
        "-d", "-data", "--data", default="{}", metavar="JSON", help="the request, or each message of it"
    )
    parser.add_argument("-n", "--streams", type=target.count, default=10, metavar="N", help="calls at once")
    parser.add_argument(
        "--rounds", type=target.count, default=1, metavar="N", help="calls one after another, each of them"
    )
    parser.add_argument(
        "--messages", type=target.count, default=1, metavar="M", help="messages a streaming client sends"
    )
    parser.add_argument(
        "--interval", type=target.positive, metavar="S", help="between a client's messages; burst without it"
    )
    parser.add_argument(
        "--stream-timeout", type=target.positive, default=60.0, metavar="S", help="for a call; default 60 s"
    )
    parser.add_argument("--output", choices=("pretty", "json"), default="pretty")


@dataclass(slots=True)
class Tally:
    """What was seen: seconds to the first message, between messages and for whole calls, and how calls ended."""

    firsts: list[float] = field(default_factory=list[float])
    gaps: list[float] = field(default_factory=list[float])
    totals: list[float] = field(default_factory=list[float])
    ends: Counter[str] = field(default_factory=Counter[str])
    messages: int = 0


def run(arguments: argparse.Namespace) -> int:
    """Run the load; exit code 0 when every call ended well, else that of the commonest failure's kind."""
    try:
        request = json.loads(arguments.data)
    except json.JSONDecodeError as error:
        raise Usage(f"--data is not JSON: {error}") from error
    tally, seconds = uvloop.run(_load(arguments, request))
    report = _report(tally, seconds)
    print(json.dumps(report) if arguments.output == "json" else _pretty(report))
    failed = [end for end, _ in tally.ends.most_common() if end != "ok"]
    return Exit[failed[0].upper()] if failed else Exit.OK


async def _load(arguments: argparse.Namespace, request: Any) -> tuple[Tally, float]:
    tally = Tally()
    contract = target.contract(arguments)
    _, method = target.method_of(contract, arguments.method)
    timeouts = Timeouts(connect_s=arguments.connect_timeout, stream_s=arguments.stream_timeout)
    options = target.connection(arguments, method, timeouts)
    async with generic.connect(contract, target.address(arguments), **options) as client:
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(arguments.streams):
                group.create_task(_calls(client, arguments, request, tally))
        return tally, time.perf_counter() - begun


async def _calls(client: generic.GenericClient, arguments: argparse.Namespace, request: Any, tally: Tally) -> None:
    for _ in range(arguments.rounds):
        begun = time.perf_counter()
        error: Exception | None = None
        try:
            await _one(client, arguments, request, tally, begun)
        except Exception as raised:  # noqa: BLE001  # however a call ends, it is counted
            error = raised
        tally.totals.append(time.perf_counter() - begun)
        tally.ends["ok" if error is None else exit_of(error).name.lower()] += 1


async def _one(
    client: generic.GenericClient, arguments: argparse.Namespace, request: Any, tally: Tally, begun: float
) -> None:
    _, method = client.contract.find(arguments.method)
    given = _messages(arguments, request) if method.mode.client_streams else request
    if not method.mode.server_streams:
        await client.call(arguments.method, given)
        tally.messages += 1
        tally.firsts.append(time.perf_counter() - begun)
        return
    before: float | None = None
    async for _ in client.stream(arguments.method, given):
        now = time.perf_counter()
        tally.messages += 1
        (tally.firsts if before is None else tally.gaps).append(now - (begun if before is None else before))
        before = now


async def _messages(arguments: argparse.Namespace, request: Any) -> AsyncIterator[Any]:
    for number in range(arguments.messages):
        if number and arguments.interval:
            await asyncio.sleep(arguments.interval)
        yield request


def _report(tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 6),
        "calls": len(tally.totals),
        "messages": tally.messages,
        "messages_per_s": round(tally.messages / seconds, 1) if seconds else 0.0,
        "ends": dict(tally.ends),
        "first_ms": _percentiles(tally.firsts),
        "gap_ms": _percentiles(tally.gaps),
        "total_ms": _percentiles(tally.totals),
    }


def _percentiles(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    if len(values) == 1:
        return dict.fromkeys(("p50", "p90", "p99", "max"), round(values[0] * 1000, 3))
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    picked = {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(values)}
    return {name: round(value * 1000, 3) for name, value in picked.items()}


def _pretty(report: dict[str, Any]) -> str:
    ends = ", ".join(f"{count} {end}" for end, count in report["ends"].items())
    rows = [
        f"{report['calls']} calls in {report['seconds']:.3f} s: {ends}",
        f"{report['messages']} messages, {report['messages_per_s']} a second",
        f"{'':12}{'p50':>10}{'p90':>10}{'p99':>10}{'max':>10}",
    ]
    for name, title in (("first_ms", "first, ms"), ("gap_ms", "gap, ms"), ("total_ms", "call, ms")):
        if report[name] is not None:
            rows.append(f"{title:12}" + "".join(f"{value:>10.3f}" for value in report[name].values()))
    return "\n".join(rows)
