"""`promptwire.api.input.InputService`: what prompts are tried with, kept under names, for one person or for all."""

from __future__ import annotations

from typing import Final

from promptwire.api.input import (
    CreateInputRequest,
    Input,
    InputByID,
    InputDeleted,
    InputMarked,
    InputsReply,
    InputsRequest,
    MarkInputRequest,
    UpdateInputRequest,
)
from promptwire.errors import Failure
from promptwire.person import person
from promptwire.prompt.input_store import InputStore

LONGEST_NAME: Final = 100
_CHANGED: Final = ("name", "values", "messages", "shared")


class InputService:
    """The inputs in ``store``, as the person who calls sees them. Methods raise Failure."""

    def __init__(self, store: InputStore) -> None:
        self._store = store

    async def list_inputs(self, request: InputsRequest) -> InputsReply:
        """Your own and the shared ones."""
        found, current = await self._store.every(request.key, person())
        return InputsReply(inputs=found, current=current)

    async def get_input(self, request: InputByID) -> Input:
        """One input."""
        return await self._store.one(request.key, request.id, person())

    async def create_input(self, request: CreateInputRequest) -> Input:
        """Keep a new input."""
        return await self._store.create(
            request.key,
            person(),
            name=_name(request.name),
            values=request.values,
            messages=request.messages,
            shared=request.shared,
        )

    async def update_input(self, request: UpdateInputRequest) -> Input:
        """Change what is given."""
        values = {field: value for field in _CHANGED if (value := getattr(request, field)) is not None}
        if request.name is not None:
            values["name"] = _name(request.name)
        return await self._store.update(request.key, request.id, person(), revision=request.revision, **values)

    async def delete_input(self, request: InputByID) -> InputDeleted:
        """Forget an input."""
        await self._store.delete(request.key, request.id, person())
        return InputDeleted()

    async def mark_input(self, request: MarkInputRequest) -> InputMarked:
        """Remember which one you go on with."""
        await self._store.mark(request.key, request.id, person())
        return InputMarked()


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Failure("invalid_request", f"a name is 1 to {LONGEST_NAME} printable characters, not {text[:120]!r}")
    return name
