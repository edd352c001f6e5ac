"""What one chunk costs from the vendor to the reader: through Promptwire, through other proxies, and without any."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from bench.contenders import CONTENDERS, DIRECT, LITELLM_NAME, NGINX, Contender, Under, present, vendor
from bench.processes import answer, cores, cpu_seconds, peer

STREAMS: Final = 256
INTERVAL_MS: Final = 20
APART_MS: Final = 5  # between the beginnings of two streams: people do not press the button all at once
ALONE: Final = 200  # streams one after another, for the time to the first chunk
ROUNDS: Final = 3


def read(under: Under, chunks: int, *, streams: int = STREAMS, repeat: int = 1) -> dict[str, Any]:
    """Read so many streams at once, so many times one after another, loading the other core."""
    interval_ms = INTERVAL_MS if chunks > 1 else 0
    face = under.face
    asked = {
        "host": "127.0.0.1",
        "port": under.port,
        "path": face.path,
        "body": face.body(f"{chunks} chunks, {interval_ms} ms apart"),
        "end": face.end,
        "streams": streams,
        "repeat": repeat,
        "apart_ms": APART_MS if streams > 1 else 0,
        "headers": {"authorization": "Bearer none"},
    }
    done = answer(peer("reader"), asked, core=cores()[1])
    if done["failed"]:
        raise RuntimeError(f"{done['failed']} of {streams} streams did not end")
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What every round found of a contender; the table shows medians."""

    name: str
    contender: Contender
    under: Under
    chunk_us: list[float] = field(default_factory=list[float])
    stream_us: list[float] = field(default_factory=list[float])
    alone_ms: list[list[float]] = field(default_factory=list[list[float]])  # first chunk: p50, p99
    first_ms: list[list[float]] = field(default_factory=list[list[float]])  # the same, of all streams at once
    gap_ms: list[list[float]] = field(default_factory=list[list[float]])

    def round(self) -> None:
        """Single streams, then few and many chunks of all streams at once."""
        self.alone_ms.append(read(self.under, 1, streams=1, repeat=ALONE)["first_ms"])
        few, many = self.contender.few, self.contender.many
        with_few, _ = self._spent(few)
        with_many, done = self._spent(many)
        chunk_s = (with_many - with_few) / (STREAMS * (many - few))
        self.chunk_us.append(chunk_s * 1e6)
        self.stream_us.append(max(0.0, with_few / STREAMS - chunk_s * few) * 1e6)
        self.first_ms.append(done["first_ms"])
        self.gap_ms.append(done["gap_ms"])

    def _spent(self, chunks: int) -> tuple[float, dict[str, Any]]:
        before = cpu_seconds(self.under.pid)
        done = read(self.under, chunks)
        return cpu_seconds(self.under.pid) - before, done


def run() -> None:
    """Every contender that is here, in front of one vendor, in interleaved rounds."""
    with contextlib.ExitStack() as stack:
        asked = stack.enter_context(vendor())
        found = [Measured(name=DIRECT, contender=Contender(vendor_itself(asked)), under=asked)]
        for name, contender in present().items():
            under = stack.enter_context(contender.start(asked.port))
            found.append(Measured(name=name, contender=contender, under=under))
        for measured in found:
            read(measured.under, measured.contender.few, streams=8)
        for _ in range(ROUNDS):
            for measured in found:
                measured.round()
    _show(found)


def vendor_itself(vendor: Under) -> Callable[[int], contextlib.AbstractContextManager[Under]]:
    """The vendor, which runs already, as a contender."""
    return lambda port: contextlib.nullcontext(vendor)


def _show(found: list[Measured]) -> None:
    print(f"\n{STREAMS} streams, a chunk every {INTERVAL_MS} ms, medians of {ROUNDS} interleaved rounds;")
    print("CPU of the proxy alone; the vendor's own line says what the vendor spends")
    width = max(len(each.name) for each in found)
    by_name = {each.name: median(each.chunk_us) for each in found}
    direct = _medians(found[0].alone_ms)
    groups = (
        ("CPU per chunk", 31),
        ("per", 9),
        ("first chunk of one stream, ms", 33),
        ("of all, ms", 17),
        ("gap, ms", 14),
    )
    columns = (
        ("us", 8),
        ("of nginx", 11),
        ("of LiteLLM", 12),
        ("stream us", 9),
        ("p50 (added)", 17),
        ("p99 (added)", 16),
    )
    columns += ("p50", 8), ("p99", 9), ("p50", 7), ("p99", 7)
    print(f"\n  {'':{width}}" + "".join(f"{title:>{wide}}" for title, wide in groups))
    print(f"  {'':{width}}" + "".join(f"{title:>{wide}}" for title, wide in columns))
    for each in found:
        chunk, alone = median(each.chunk_us), _medians(each.alone_ms)
        cells = [f"{chunk:.1f}", *(_ratio(chunk, by_name.get(name)) for name in (NGINX, LITELLM_NAME))]
        cells += [f"{median(each.stream_us):,.0f}"]
        cells += [f"{value:.2f} ({value - base:+.2f})" for value, base in zip(alone, direct, strict=True)]
        cells += [f"{value:.1f}" for value in (*_medians(each.first_ms), *_medians(each.gap_ms))]
        line = "".join(f"{cell:>{wide}}" for cell, (_, wide) in zip(cells, columns, strict=True))
        print(f"  {each.name:{width}}{line}")
    for name in CONTENDERS.keys() - {each.name for each in found}:
        print(f"  without {name}: not installed (bench/README.md)")


def _ratio(one: float, other: float | None) -> str:
    if not other:
        return "-"
    ratio = one / other
    return f"{ratio:.2f} x" if ratio >= 0.5 else f"1/{1 / ratio:.0f}"


def _medians(rounds: list[list[float]]) -> list[float]:
    return [median(values) for values in zip(*rounds, strict=True)]
