"""``thriftwire test``: run suites of calls and say which were not as expected, for people and as JUnit."""

from __future__ import annotations

import argparse
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import uvloop

from thriftwire import generic
from thriftwire.call import calling
from thriftwire.client import Timeouts
from thriftwire.commands import suite, target
from thriftwire.commands.outcome import Exit, Usage, exit_of
from thriftwire.commands.suite import Case, Seen, Suite
from thriftwire.thrift.runtime import Contract, load

HELP = "run suites of calls with expectations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("suites", nargs="+", type=Path, metavar="FILE", help="suites, in YAML")
    parser.add_argument("-p", "-idl-path", "--idl-path", type=Path, metavar="FILE", help="in place of the suites' idl")
    parser.add_argument(
        "-include-path", "--include-path", action="append", default=[], metavar="DIR", help="where to look for includes"
    )
    parser.add_argument("-e", "-endpoint", "--endpoint", metavar="HOST:PORT", help="in place of the suites' endpoint")
    parser.add_argument("-k", dest="keyword", default="", metavar="TEXT", help="only cases whose name has it")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results there, as JUnit's XML")


def run(arguments: argparse.Namespace) -> int:
    """Run the cases one after another; exit code 3 when one was not as expected, 1 when none was run."""
    results: list[tuple[Path, Case, Seen, list[str]]] = []
    for path in arguments.suites:
        read = suite.read(path)
        contract = _contract(path, read, arguments)
        for case in read.cases:
            if arguments.keyword in case.name:
                seen, wrong = uvloop.run(_checked(case, read, contract, arguments))
                results.append((path, case, seen, wrong))
                _print(case, seen, wrong)
    if not results:
        raise Usage("no case was run")
    failed = sum(bool(wrong) for *_, wrong in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    if arguments.junit is not None:
        ET.ElementTree(_junit(results)).write(arguments.junit, encoding="utf-8", xml_declaration=True)
    return Exit.RPC if failed else Exit.OK


def _contract(path: Path, read: Suite, arguments: argparse.Namespace) -> Contract:
    idl = arguments.idl_path or (read.idl and path.parent / read.idl)
    if idl is None:
        raise Usage(f"{path} names no idl, and neither does -p")
    return load(idl, include_paths=arguments.include_path)


async def _checked(
    case: Case, read: Suite, contract: Contract, arguments: argparse.Namespace
) -> tuple[Seen, list[str]]:
    endpoint = arguments.endpoint or case.endpoint or read.endpoint
    if endpoint is None:
        raise Usage(f"case {case.name!r} names no endpoint, and neither does -e")
    _, method = target.method_of(contract, case.method)
    transport = target.transport(case.transport or read.transport, method)
    timeouts = Timeouts(stream_s=case.timeout_s, recv_s=case.recv_timeout_s)
    seen = Seen(messages=[], times=[])
    begun = time.perf_counter()
    with calling(transient=case.meta, persistent=case.meta_persistent) as call:
        try:
            async with generic.connect(contract, endpoint, transport=transport, timeouts=timeouts) as client:
                await _call(client, case, seen, begun)
        except Exception as error:  # noqa: BLE001  # however a call ends, it is compared with what was expected
            seen.end = exit_of(error).name.lower()
            seen.code = getattr(error, "code", None)
            seen.message = getattr(error, "message", None) or str(error)
    seen.total_s = time.perf_counter() - begun
    seen.headers, seen.trailers, seen.backward = dict(call.headers), dict(call.trailers), dict(call.metadata.backward)
    return seen, suite.complaints(case.expect, seen)


async def _call(client: generic.GenericClient, case: Case, seen: Seen, begun: float) -> None:
    _, method = client.contract.find(case.method)
    given = _each(case.requests or []) if method.mode.client_streams else case.request

    def came(message: Any) -> None:
        seen.messages.append(message)
        seen.times.append(time.perf_counter() - begun)

    if not method.mode.server_streams:
        came(await client.call(case.method, given))
        return
    replies = client.stream(case.method, given)
    try:
        async for reply in replies:
            came(reply)
            if len(seen.messages) == case.cancel_after:
                break
    finally:
        await replies.aclose()


async def _each(requests: list[Any]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


def _print(case: Case, seen: Seen, wrong: list[str]) -> None:
    print(f"{'FAIL' if wrong else 'ok  '} {case.name} ({len(seen.messages)} messages, {seen.total_s:.3f} s)")
    for sentence in wrong:
        print(f"       {sentence}")


def _junit(results: list[tuple[Path, Case, Seen, list[str]]]) -> ET.Element:
    failed = sum(bool(wrong) for *_, wrong in results)
    root = ET.Element("testsuite", name="thriftwire", tests=str(len(results)), failures=str(failed))
    for path, case, seen, wrong in results:
        item = ET.SubElement(root, "testcase", classname=path.stem, name=case.name, time=f"{seen.total_s:.6f}")
        if wrong:
            ET.SubElement(item, "failure", message=wrong[0]).text = "\n".join(wrong)
    return root
