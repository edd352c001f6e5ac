"""Entries of a call are known by their names, however a wire wrote them."""

from __future__ import annotations

from promptwire.entries import RUN_ID, entry, new_run_id, run_id, spelled
from thriftwire.call import Call, Metadata, serving


def test_an_entry_is_known_however_its_name_was_carried() -> None:
    with serving(Call(metadata=Metadata(persistent={"USER": "Ann", "key": "k", "RUN_ID": "r"}))):
        assert [entry("user"), entry("key"), entry(RUN_ID), entry("workspace")] == ["Ann", "k", "r", None]
        assert [spelled(RUN_ID), spelled("key"), spelled("workspace")] == ["RUN_ID", "key", "workspace"]
    assert (entry("key"), spelled("key")) == (None, "key")


def test_a_run_is_called_what_its_call_says_or_anew() -> None:
    with serving(Call(metadata=Metadata(persistent={RUN_ID: "run_1"}))):
        assert run_id() == "run_1"
    assert run_id().startswith("run_") and new_run_id() != new_run_id()
