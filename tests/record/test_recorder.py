"""A run of a model is recorded unless it is part of a prompt's run, which is."""

from __future__ import annotations

from pathlib import Path

import thriftwire.call
from promptwire.api.llm import ChatRequest
from promptwire.api.prompt import RunRequest
from promptwire.database import Database
from promptwire.entries import PROMPT
from promptwire.record.journal import Journal
from promptwire.record.recorder import Recorder
from promptwire.record.recording import Recording, Unrecorded
from promptwire.record.store import RecordStore
from thriftwire.call import Call

CHAT = ChatRequest(model="m", messages=[])


def test_without_a_journal_nothing_is_recorded() -> None:
    recorder = Recorder()
    assert isinstance(recorder.prompt("r", "t", RunRequest(key="demo"), "demo"), Unrecorded)
    assert isinstance(recorder.model("r", "t", CHAT), Unrecorded)


async def test_a_model_that_is_asked_for_a_prompt_is_recorded_there(tmp_path: Path) -> None:
    recorder = Recorder(Journal(RecordStore(Database(f"sqlite:///{tmp_path}/x.db"), "w")))
    assert isinstance(recorder.prompt("r", "t", RunRequest(key="demo"), "demo"), Recording)
    assert isinstance(recorder.model("r", "t", CHAT), Recording)
    call = Call()
    call.metadata.persistent[PROMPT] = "demo"
    with thriftwire.call.serving(call):
        assert isinstance(recorder.model("r", "t", CHAT), Unrecorded)
