"""The service of saved inputs; who sees which is in test_input_store.py."""

from __future__ import annotations

import pytest

from promptwire.api.input import (
    CreateInputRequest,
    InputByID,
    InputsRequest,
    MarkInputRequest,
    UpdateInputRequest,
)
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.input_store import InputStore
from promptwire.prompt.inputs import InputService
from promptwire.prompt.store import PromptStore


@pytest.fixture
async def service(database: Database) -> InputService:
    await PromptStore(database).create("k", draft=Content())
    return InputService(InputStore(database))


async def test_an_input_is_kept_changed_marked_and_forgotten(service: InputService) -> None:
    made = await service.create_input(CreateInputRequest(key="k", name=" a "))
    assert (made.name, made.owner, made.shared) == ("a", "", False)
    talk = [Message(role="user", content="x")]
    changed = await service.update_input(UpdateInputRequest(key="k", id=made.id, messages=talk, name="b", shared=True))
    assert (changed.name, changed.messages, changed.shared, changed.revision) == ("b", talk, True, 2)
    assert await service.get_input(InputByID(key="k", id=made.id)) == changed
    await service.mark_input(MarkInputRequest(key="k", id=made.id))
    reply = await service.list_inputs(InputsRequest(key="k"))
    assert (reply.inputs, reply.current) == ([changed], made.id)
    await service.delete_input(InputByID(key="k", id=made.id))
    assert (await service.list_inputs(InputsRequest(key="k"))).inputs == []


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\nb"])
async def test_a_name_can_be_shown(service: InputService, name: str) -> None:
    with pytest.raises(Failure, match="a name is"):
        await service.create_input(CreateInputRequest(key="k", name=name))
    made = await service.create_input(CreateInputRequest(key="k", name="a"))
    with pytest.raises(Failure, match="a name is"):
        await service.update_input(UpdateInputRequest(key="k", id=made.id, name=name))
