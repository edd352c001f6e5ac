from __future__ import annotations

import json
from pathlib import Path

import pytest

from thriftwire.cli import main
from thriftwire.commands.capture import Chunk
from thriftwire.commands.decode import lines
from thriftwire.errors import RemoteProtocolError

VECTORS = json.loads((Path(__file__).parents[1] / "golden" / "kitex-vectors.json").read_text())
KITEX = str(Path(__file__).parents[1] / "interop" / "kitex" / "echo.thrift")


def vector(label: str) -> str:
    return next(one["hex"] for one in VECTORS if one["label"].startswith(label))


@pytest.mark.parametrize("one", VECTORS, ids=lambda one: one["label"][:12])
def test_every_recorded_frame_is_readable(one: dict[str, str]) -> None:
    assert list(lines(bytes.fromhex(one["hex"])))


def test_a_stream_is_shown_frame_by_frame(capsys: pytest.CaptureFixture[str]) -> None:
    hexes = [one["hex"] for one in VECTORS if one["label"].startswith(("S1 ", "S2 ", "S5 ", "S7 "))]
    assert main(["decode", "".join(hexes), "-p", KITEX]) == 0
    out = capsys.readouterr().out
    assert "HEADER   stream=1 method=EchoBidi isn=EchoSvc" in out
    assert '{"message":"a"}' in out
    assert "biz-status=10001" in out
    assert "RST      stream=1" in out and "ttscp=cli.svc" in out and "exception=12007" in out


def test_without_the_idl_a_payload_is_hex(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", vector("S2 ")]) == 0
    assert "0b00010000000161" in capsys.readouterr().out


def test_unary_messages_say_their_variant_and_method(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", vector("U1 ")]) == 0
    out = capsys.readouterr().out
    assert "CALL" in out and "ttheader_framed" in out and "method=Ping" in out and "isn=EchoSvc" in out


def test_http2_frames_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = bytes.fromhex("000000040000000000")
    data = bytes.fromhex("00000e000100000001") + bytes.fromhex("00000000090b0001000000016100")
    assert main(["decode", (preface + settings + data).hex(" ")]) == 0
    out = capsys.readouterr().out
    assert "SETTINGS" in out and "DATA          stream=1 flags=0x01 00000000090b" in out
    assert main(["decode", (settings + data).hex()]) == 0


def test_a_cut_frame_and_garbage_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", vector("S1 ")[:-6]]) == 3
    assert "incomplete" in capsys.readouterr().out
    with pytest.raises(RemoteProtocolError, match="begin no wire"):
        list(lines(b"GET / HTTP/1.1\r\n\r\n"))
    assert main(["decode", "not hex"]) == 1


def test_a_capture_is_shown_by_connection_and_direction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = bytes.fromhex(vector("S1 "))
    chunks = [
        Chunk(at=0, connection=1, side=Chunk.CLIENT, data=frame[:20]),
        Chunk(at=0, connection=1, side=Chunk.SERVER, data=bytes.fromhex(vector("S3 "))),
        Chunk(at=0, connection=1, side=Chunk.CLIENT, data=frame[20:]),
    ]
    path = tmp_path / "capture"
    path.write_text("\n".join(chunk.line() for chunk in chunks))
    assert main(["decode", str(path)]) == 0
    out = capsys.readouterr().out
    assert "connection 1, client to server:" in out and "connection 1, server to client:" in out
    assert "HEADER" in out and "TRAILER" in out
