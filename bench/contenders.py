"""What stands between the vendor and its reader, each started as a person would: its process, and how it is asked."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.processes import ROOT, cores, line, peer, running

PROMPTWIRE: Final = str(Path(sys.executable).with_name("promptwire"))
LITELLM: Final = ROOT / "build/litellm/bin/litellm"
READY_S: Final = 120.0


class Face(NamedTuple):
    """How a stream is asked for, and what ends it. ``body`` makes the request of the question."""

    path: str
    body: Callable[[str], dict[str, Any]]
    end: str


def _messages(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def _openai(question: str) -> dict[str, Any]:
    return {"model": "typewriter", "messages": _messages(question), "stream": True}


def _model(question: str) -> dict[str, Any]:
    return _openai(question) | {"model": "openai/typewriter"}


def _prompt(question: str) -> dict[str, Any]:
    return {"draft": {"model": "openai/typewriter", "messages": _messages(question)}}


OPENAI: Final = Face("/v1/chat/completions", _openai, "data: [DONE]")
MODEL: Final = Face("/v1/chat/completions", _model, "data: [DONE]")
PROMPT: Final = Face("/api/prompts/demo/run", _prompt, "event: done")


class Under(NamedTuple):
    """What is measured: its process, and where it answers."""

    pid: int
    port: int
    face: Face


class Contender(NamedTuple):
    """How one is started in front of the vendor's port, and how much of a load it is given."""

    start: Callable[[int], contextlib.AbstractContextManager[Under]]
    few: int = 50  # chunks a stream; what a stream costs is told from what a chunk costs by reading
    many: int = 200  # few and then many


@contextlib.contextmanager
def vendor() -> Generator[Under, None, None]:
    """The vendor, on the core of what loads."""
    with running([*peer("vendor"), "serve", "{}"], core=cores()[1]) as process:
        yield Under(process.pid, json.loads(line(process))["port"], OPENAI)


def promptwire(face: Face, *arguments: str) -> Callable[[int], contextlib.AbstractContextManager[Under]]:
    """Promptwire in front of the vendor, asked for a model as the others are, or for a run of a prompt."""

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
                yield Under(process.pid, port, face)

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
    """LiteLLM's proxy in front of the vendor, in an environment of its own, calling nobody else."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "litellm.yaml"
        config.write_text(
            "model_list: [{model_name: typewriter, litellm_params: {model: openai/typewriter, api_key: none, "
            f"api_base: 'http://127.0.0.1:{vendor}/v1'}}}}]\n"
            "litellm_settings: {telemetry: false, num_retries: 0}\n"
        )
        environment = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # its prices come with it
            "LITELLM_TELEMETRY": "False",
            "LITELLM_LOG": "ERROR",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # nobody else here asks for a key either
            "NO_PROXY": "127.0.0.1",
        }
        command = [LITELLM, "--config", config, "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
        with running(command, core=cores()[0], environment=environment, quiet=True) as process:
            _ready(port, "/v1/models")
            yield Under(process.pid, port, OPENAI)


NGINX: Final = "nginx"
LITELLM_NAME: Final = "LiteLLM's proxy"
DIRECT: Final = "the vendor itself, read directly"

CONTENDERS: Final = {
    "Promptwire, a model": Contender(promptwire(MODEL)),
    "Promptwire, a prompt": Contender(promptwire(PROMPT)),
    "Promptwire, a prompt, --split (TTHeader)": Contender(promptwire(PROMPT, "--split")),
    "Promptwire, a prompt, --split (gRPC)": Contender(promptwire(PROMPT, "--split", "--transport", "grpc")),
    NGINX: Contender(nginx),
    LITELLM_NAME: Contender(litellm, few=10, many=25),  # it is at its end long before the load is
}


def present() -> dict[str, Contender]:
    """The contenders that are installed here."""
    absent = {NGINX: shutil.which("nginx") is None, LITELLM_NAME: not LITELLM.exists()}
    return {name: contender for name, contender in CONTENDERS.items() if not absent.get(name)}


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
