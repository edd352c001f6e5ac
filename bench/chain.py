"""What one chunk costs from the vendor to the reader: through Promptwire, through other proxies, and without any."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.processes import ROOT, answer, cores, cpu_seconds, line, peer, running
from bench.table import Result, show

PROMPTWIRE: Final = str(Path(sys.executable).with_name("promptwire"))
LITELLM: Final = ROOT / "build/litellm/bin/litellm"
STREAMS: Final = 256
FEW: Final = 50  # chunks a stream; what a stream costs is told from what a chunk costs by reading
MANY: Final = 200  # few and then many
INTERVAL_MS: Final = 20
READY_S: Final = 90.0

_MESSAGES: Final = [{"role": "user", "content": "go"}]


class Face(NamedTuple):
    """How a stream is asked for, and what ends it."""

    path: str
    body: dict[str, Any]
    end: str


OPENAI: Final = Face(
    "/v1/chat/completions",
    {"model": "typewriter", "messages": _MESSAGES, "stream": True},
    "data: [DONE]",
)
PROMPT: Final = Face(
    "/api/prompts/demo/run",
    {"draft": {"model": "openai/typewriter", "messages": _MESSAGES}},
    "event: done",
)


class Under(NamedTuple):
    """What is measured: its process, and where it answers."""

    pid: int
    port: int
    face: Face
    key: str = "none"


Start = Callable[[int], contextlib.AbstractContextManager[Under]]


@contextlib.contextmanager
def simulated(core: int) -> Generator[Under, None, None]:
    """The vendor."""
    with running([PROMPTWIRE, "simulate", "--port", "0"], core=core) as process:
        yield Under(process.pid, int(line(process).rstrip("/").removesuffix("/v1").rpartition(":")[2]), OPENAI)


def promptwire(*arguments: str) -> Start:
    """Promptwire in front of the vendor."""

    @contextlib.contextmanager
    def start(vendor: int) -> Generator[Under, None, None]:
        with tempfile.TemporaryDirectory() as data:
            environment = {
                "PROMPTWIRE_OPENAI_BASE_URL": f"http://127.0.0.1:{vendor}/v1",
                "PROMPTWIRE_OPENAI_API_KEY": "none",
                "PROMPTWIRE_LOG_LEVEL": "warning",
            }
            port = _free_port()
            command = [PROMPTWIRE, "serve", "--port", str(port), "--data", data, *arguments]
            with running(command, core=cores()[0], environment=environment) as process:
                _ready(port, "/readyz")
                yield Under(process.pid, port, PROMPT)

    return start


@contextlib.contextmanager
def nginx(vendor: int) -> Generator[Under, None, None]:
    """One worker of nginx in front of the vendor, without buffering, its connections kept."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"upstream vendor {{ server 127.0.0.1:{vendor}; keepalive 512; }}\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://vendor; proxy_buffering off;\n"
            'proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n'
        )
        with running(["nginx", "-c", config], core=cores()[0]) as process:
            _ready(port, "/v1/models")
            yield Under(process.pid, port, OPENAI)


@contextlib.contextmanager
def litellm(vendor: int) -> Generator[Under, None, None]:
    """LiteLLM's proxy in front of the vendor, in an environment of its own (build/litellm)."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "litellm.yaml"
        config.write_text(
            "model_list: [{model_name: typewriter, litellm_params: {model: openai/typewriter, api_key: none, "
            f"api_base: 'http://127.0.0.1:{vendor}/v1'}}}}]\n"
        )
        command = [LITELLM, "--config", config, "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
        with running(command, core=cores()[0], environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True"}) as process:
            _ready(port, "/v1/models")
            yield Under(process.pid, port, OPENAI)


CONTENDERS: Final[Mapping[str, Start]] = {
    "Promptwire, one process": promptwire(),
    "Promptwire, --split (TTHeader)": promptwire("--split"),
    "Promptwire, --split (gRPC)": promptwire("--split", "--transport", "grpc"),
    "nginx": nginx,
    "LiteLLM": litellm,
}
DIRECT: Final = "the vendor itself, read directly"


def present() -> dict[str, Start]:
    """The contenders that are installed here."""
    absent = {"nginx": shutil.which("nginx") is None, "LiteLLM": not LITELLM.exists()}
    return {name: start for name, start in CONTENDERS.items() if not absent.get(name)}


def read(under: Under, streams: int) -> dict[str, Any]:
    """Read so many streams at once, loading the other core."""
    face = under.face
    asked = {"host": "127.0.0.1", "port": under.port, "path": face.path, "body": face.body, "end": face.end}
    done = answer(
        peer("reader"),
        asked | {"streams": streams, "headers": {"authorization": f"Bearer {under.key}"}},
        core=cores()[1],
    )
    if done["failed"]:
        raise RuntimeError(f"{done['failed']} of {streams} streams did not end")
    return done


class Measured(NamedTuple):
    """A contender's cost, and what its readers saw."""

    result: Result
    stream_us: float  # what beginning and ending one stream costs
    first_ms: list[float]
    gap_ms: list[float]
    alone_ms: list[float]  # the first chunk, one stream after another


def measure(name: str, under: Under) -> Measured:
    """Many paced streams at once, after a few to warm up; then single ones for the time to the first chunk."""
    read(_asking(under, FEW), 8)
    few, _ = _spent(_asking(under, FEW))
    many, done = _spent(_asking(under, MANY))
    per_chunk = (many - few) / (STREAMS * (MANY - FEW))
    alone = sorted(read(_asking(under, 1), 1)["first_ms"][0] for _ in range(15))
    result = Result(name, per_chunk * 1e6, STREAMS * MANY / done["seconds"])
    per_stream = max(0.0, few / STREAMS - per_chunk * FEW)
    return Measured(result, per_stream * 1e6, done["first_ms"], done["gap_ms"], [alone[len(alone) // 2], alone[-1]])


def _spent(under: Under) -> tuple[float, dict[str, Any]]:
    before = cpu_seconds(under.pid)
    done = read(under, STREAMS)
    return cpu_seconds(under.pid) - before, done


def _asking(under: Under, chunks: int) -> Under:
    simulate = {"tokens": chunks, "interval_ms": INTERVAL_MS if chunks > 1 else 0}
    return under._replace(face=under.face._replace(body=under.face.body | {"simulate": simulate}))


def run() -> None:
    """Every contender that is here, in front of one vendor."""
    found: list[Measured] = []
    with simulated(cores()[1]) as vendor:
        found.append(measure(DIRECT, vendor))
        for name, start in present().items():
            with start(vendor.port) as under:
                found.append(measure(name, under))
    show(
        f"{STREAMS} streams, a chunk every {INTERVAL_MS} ms, vendor to reader (the vendor's own cost left out)",
        [each.result for each in found],
        base=DIRECT,
        unit="chunk",
    )
    direct, width = found[0], max(len(each.result.name) for each in found)
    print(f"\n  {'':{width}}  CPU per stream   first chunk, alone   first chunk, {STREAMS}   gap between chunks")
    print(f"  {'':{width}}  {'us':>14}   {'ms: p50':18}   {'ms: p50     p99':16}   ms: p50    p99")
    for each in found:
        added = each.alone_ms[0] - direct.alone_ms[0]
        alone = f"{each.alone_ms[0]:6.2f} ({added:+.2f})"
        first = f"{each.first_ms[0]:7.1f} {each.first_ms[1]:7.1f}"
        gap = f"{each.gap_ms[0]:7.1f} {each.gap_ms[1]:6.1f}"
        print(f"  {each.result.name:{width}}  {each.stream_us:14,.0f}   {alone:18}   {first:16}   {gap}")
    for name in CONTENDERS.keys() - present().keys():
        print(f"  without {name}: not installed (bench/README.md)")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _ready(port: int, path: str) -> None:
    end = time.monotonic() + READY_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except (OSError, urllib.error.URLError) as error:
            if time.monotonic() > end:
                raise RuntimeError(f"nothing answers on {port}: {error}") from error
            time.sleep(0.1)
