"""The long fuzz: mutated input for every machine, where only RemoteProtocolError may escape and memory stays small.

    python thriftwire/fuzz/machines.py [--count 100000] [--seed 1] [NAME…]

Each machine runs in a process of its own, so that its peak memory is its own. The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from thriftwire.events import End, Failure, Headers, Message, Open
from thriftwire.grpc.connection import GRPCMachine
from thriftwire.machine import Machine
from thriftwire.states import Role
from thriftwire.testing import Pair, mutations, survive
from thriftwire.testing.samples import STRUCT, request
from thriftwire.ttheader.packets import Variant
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

MEMORY_LIMIT_MIB = 64
GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "kitex-vectors.json"
CHUNKS = (0, 7)


class Target(NamedTuple):
    """A machine to make, and good input for it."""

    make: Callable[[], Machine]
    seeds: list[bytes]


def _golden(letter: str) -> list[bytes]:
    return [bytes.fromhex(vector["hex"]) for vector in json.loads(GOLDEN.read_text()) if vector["label"][0] == letter]


def _conversation(pair: Pair, role: Role) -> list[bytes]:
    """What ``role`` reads in one good call and one that fails."""
    theirs = request(pair)[1]
    for event in (Headers(call_id=theirs), Message(theirs, STRUCT), End(call_id=theirs)):
        pair.send(Role.SERVER, event)
    theirs = request(pair)[1]
    pair.send(Role.SERVER, End(call_id=theirs, failure=Failure(6, "boom")))
    return [bytes(pair.written[role.peer])]


def _waiting(machine: Machine, *, streaming: bool) -> Machine:
    """A client with two calls in the air, so that answers mean something."""
    for _ in range(2):
        call_id = machine.new_call_id()
        machine.send(Open(call_id=call_id, service="EchoSvc", method="Say", streaming=streaming))
        machine.send(Message(call_id, STRUCT))
        machine.send(End(call_id=call_id))
    machine.outgoing()
    return machine


def targets() -> dict[str, Target]:
    """Every machine in both roles."""
    made: dict[str, Target] = {}
    for role in Role:
        streams = Pair(StreamingMachine(Role.CLIENT), StreamingMachine(Role.SERVER))
        made[f"ttstream-{role.value}"] = Target(
            lambda role=role: _in_role(StreamingMachine(role), role, streaming=True),
            _golden("S") + _conversation(streams, role),
        )
        unary: list[bytes] = []
        for variant in Variant:
            pair = Pair(UnaryMachine(Role.CLIENT, variant=variant), UnaryMachine(Role.SERVER), streaming=False)
            unary += _conversation(pair, role)
        made[f"unary-{role.value}"] = Target(
            lambda role=role: _in_role(UnaryMachine(role), role, streaming=False), _golden("U") + unary
        )
        http2 = Pair(GRPCMachine(Role.CLIENT), GRPCMachine(Role.SERVER))
        made[f"grpc-{role.value}"] = Target(
            lambda role=role: _in_role(GRPCMachine(role), role, streaming=True), _conversation(http2, role)
        )
    return made


def _in_role(machine: Machine, role: Role, *, streaming: bool) -> Machine:
    return _waiting(machine, streaming=streaming) if role is Role.CLIENT else machine


def run(name: str, count: int, seed: int) -> None:
    """Fuzz one machine in this process and print what came of it."""
    target = targets()[name]
    began, refused = time.monotonic(), 0
    for number, chunk in enumerate(CHUNKS):
        share = count // len(CHUNKS)
        refused += survive(target.make, mutations(target.seeds, share, seed=seed + number), chunk=chunk)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.monotonic() - began
    print(f"{name:16} {count} inputs, {refused} refused, {peak:.0f} MiB at its peak, {seconds:.0f} s", flush=True)
    if peak > MEMORY_LIMIT_MIB:
        sys.exit(f"{name}: {peak:.0f} MiB exceed {MEMORY_LIMIT_MIB}")


def main() -> int:
    """Fuzz the machines named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(targets()))
    parser.add_argument("--count", type=int, default=100_000, help="inputs per machine")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    names = args.names or list(targets())
    if len(names) == 1:
        run(names[0], args.count, args.seed)
        return 0
    options = ["--count", str(args.count), "--seed", str(args.seed)]
    return max(subprocess.run([sys.executable, __file__, *options, name], check=False).returncode for name in names)


if __name__ == "__main__":
    sys.exit(main())
