"""`import` and `export` as a person types them, against a server that answers one request."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from client.test_http import answering
from promptwire.api.files import ExportReply, ImportedPrompt, ImportReply, Loss, RefusedFile
from promptwire.api.prompt import Content
from promptwire.cli import main
from promptwire.commands.asking import FAILED, WRONG

LOSS = Loss(path="tests", reason="how a prompt is judged is not part of it", value="[]")


def whole(value: msgspec.Struct) -> bytes:
    body = msgspec.json.encode(value)
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body


def test_an_export_goes_to_standard_output_and_its_losses_beside(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(whole(ExportReply(file="a.prompty", text="text\n", losses=[LOSS]))) as (url, request):
        assert main(["export", "a", "--format", "prompty", "--label", "production", "--server", url]) == 0
        assert request().startswith(b"GET /prefix/api/prompts/a/export?format=prompty&label=production ")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("text\n", f"  lost tests: {LOSS.reason}\n")


def test_an_import_says_what_was_made_lost_and_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.prompty").write_text("---\nname: a\n---\n")
    made = ImportedPrompt(
        file="a.prompty", format="prompty", key="a", content=Content(), outcome="created", versions=["1"], losses=[LOSS]
    )
    reply = ImportReply(prompts=[made], refused=[RefusedFile(file="b", reason="no")])
    with answering(whole(reply)) as (url, request):
        assert main(["import", str(tmp_path / "a.prompty"), "--dry-run", "--server", url]) == FAILED
        assert b'"keep":false' in request()
    said = capsys.readouterr()
    assert said.out.split() == ["created", "a", "a.prompty", "(versions", "1)"]
    assert said.err == f"  lost tests: {LOSS.reason}\nrefused   b: no\n"


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "nowhere.prompty"]) == WRONG
    assert "nowhere.prompty" in capsys.readouterr().err
