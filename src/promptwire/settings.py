"""The place for everything an operator can set: one frozen value, from ``PROMPTWIRE_*`` variables and arguments.

An argument wins over the environment, the environment over the default. A value that does not fit is refused with
the name the operator wrote; a variable that looks like ours and is not known is reported by `unknown_variables`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

PREFIX: Final = "PROMPTWIRE_"
ELSEWHERE: Final = frozenset(
    PREFIX + name for name in ("REQUIRE", "URL", "API_KEY", "USER", "SNAPSHOTS")
)  # read by the tests, by commands that ask a server, and by the SDK

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(gt=0)]
Days = Annotated[float, Meta(gt=0)]
Rows = Annotated[int, Meta(gt=0)]


class SettingsError(ValueError):
    """A setting does not fit; the message names it as the operator wrote it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process runs. Each field's description is what ``promptwire serve --help`` and the docs say."""

    host: Annotated[str, Meta(description="address the HTTP server listens on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="port of the HTTP server; 0 takes a free one")] = 8000
    data: Annotated[Path, Meta(description="directory of the database and the master key")] = Path("promptwire-data")
    database_url: Annotated[
        str | None, Meta(description="postgresql://… when several machines share the data; SQLite in --data without it")
    ] = None
    redis_url: Annotated[str | None, Meta(description="redis://… when several processes share limits")] = None
    master_key: Annotated[
        str | None, Meta(description="base64 of the 32 bytes that encrypt secrets; a file in --data without it")
    ] = None
    api_keys: Annotated[
        str,
        Meta(
            description="keys, separated by spaces, one of which a request must present; none: anybody on this machine"
        ),
    ] = ""
    hosts: Annotated[
        str,
        Meta(
            pattern=r"^[^/*,;]*$",
            description="names the server is reached by, separated by spaces (prompts.example .internal); without API"
            " keys it answers to these, localhost, addresses and the name in --host alone",
        ),
    ] = ""
    transport: Annotated[
        Literal["ttstream", "grpc"], Meta(description="wire between roles: TTHeader streaming or Thrift over gRPC")
    ] = "ttstream"
    drain_s: Annotated[Seconds, Meta(description="how long running streams may go on after a request to stop")] = 5.0
    unread_s: Annotated[
        Seconds,
        Meta(description="how long a reader may take nothing of an answer before it is thought to have left"),
    ] = 60.0
    openai_base_url: Annotated[
        str | None, Meta(description="base address of an OpenAI-compatible vendor, up to and with /v1")
    ] = None
    openai_api_key: Annotated[str | None, Meta(description="key for that vendor")] = None
    keep_runs: Annotated[
        Literal["all", "figures", "none"],
        Meta(description="what is kept of every run: its contents too, its figures alone, or nothing"),
    ] = "all"
    keep_runs_days: Annotated[Days, Meta(description="for how many days runs are kept")] = 30.0
    keep_runs_rows: Annotated[Rows, Meta(description="how many runs are kept at most, the latest")] = 100_000
    keep_spans_days: Annotated[
        float, Meta(ge=0, description="for how many days the spans of traces are kept; 0 keeps none")
    ] = 7.0
    keep_spans_rows: Annotated[Rows, Meta(description="how many spans are kept at most, the latest")] = 1_000_000
    otlp_endpoint: Annotated[
        str | None,
        Meta(
            description="http://… of a collector that spans are sent to as well (OTLP over HTTP); "
            "OTEL_EXPORTER_OTLP_ENDPOINT does the same"
        ),
    ] = None
    tool_hosts: Annotated[
        str,
        Meta(
            description="hosts, addresses and networks inside your own network that tools may call, separated by"
            " spaces; none: public addresses alone"
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="least severe line that is logged")
    ] = "info"

    @property
    def database(self) -> str:
        """The database's URL, whichever way it was set."""
        return self.database_url or f"sqlite:///{self.data / 'promptwire.db'}"


def load(environment: Mapping[str, str], /, **arguments: Any) -> Settings:
    """Settings from the environment and from arguments that are not None. Raises SettingsError."""
    names = {PREFIX + name.upper(): name for name in Settings.__struct_fields__}
    values: dict[str, Any] = {
        name: environment[variable] for variable, name in names.items() if environment.get(variable)
    }
    values |= {name: value for name, value in arguments.items() if value is not None}
    if strangers := values.keys() - set(names.values()):
        raise SettingsError(f"no such setting: {', '.join(sorted(strangers))}")
    for name in values:
        _check(name, values[name], by_argument=arguments.get(name) is not None)
    return msgspec.convert(values, Settings, strict=False, dec_hook=_path)


def to_environment(settings: Settings) -> dict[str, str]:
    """The variables from which `load` makes the same settings: how a process hands them to its children."""
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    return {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """One sentence for each ``PROMPTWIRE_`` variable that nothing reads."""
    known = [PREFIX + name.upper() for name in Settings.__struct_fields__]
    sentences: list[str] = []
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known and variable not in ELSEWHERE:
            close = difflib.get_close_matches(variable, known, n=1)
            sentences.append(f"{variable} is not a setting" + (f"; did you mean {close[0]}?" if close else ""))
    return sentences


def _check(name: str, value: Any, *, by_argument: bool) -> None:
    try:
        msgspec.convert({name: value}, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        said = f"--{name.replace('_', '-')}" if by_argument else PREFIX + name.upper()
        raise SettingsError(f"{said}: {str(error).split(' - at')[0]}, not {value!r}") from error


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise NotImplementedError(f"cannot make {kind} of {value!r}")
