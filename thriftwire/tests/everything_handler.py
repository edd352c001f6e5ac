"""A handler of the contract that has one of everything."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import thriftwire
from contract import everything as api
from contract.shared import Broken, Color


class Handler:
    """Mostly gives back what it got; `whole` fails as the text says."""

    def __init__(self) -> None:
        self.fired: list[api.Point] = []
        self.metadata: list[dict[str, str]] = []

    def _note(self) -> None:
        call = thriftwire.current()
        assert call is not None
        self.metadata.append({**call.metadata.upstream, **call.metadata.persistent})
        call.headers["seen-by"] = "handler"
        call.trailers["gone-from"] = "handler"
        call.metadata.backward["answer"] = "back"

    async def ping(self) -> bool:
        return True

    async def whole(self, request: api.Scalars) -> api.Scalars:
        self._note()
        match request.text:
            case "denied":
                raise api.Denied(reason="no", code=request.medium)
            case "broken":
                raise Broken(code=1)
            case "biz":
                raise thriftwire.BizStatusError(40400, "no such thing", {"class": "not_found"})
            case "error":
                raise ValueError("broken handler")
            case _:
                return request

    async def add(self, left: int, right: int = 5) -> int:
        return left + right

    async def nothing(self) -> None:
        return None

    async def list_(self, points: list[api.Point], colors: dict[str, Color]) -> list[api.Point]:
        return points[: len(colors)]

    async def pick(self, shape: api.Shape, choice: api.Choice | None = None) -> api.Shape:
        return shape if choice is None else api.Circle(radius=1.0)

    async def fire(self, point: api.Point) -> None:
        self.fired.append(point)

    async def watch(self, node: api.Node) -> AsyncGenerator[api.Shape, None]:
        self._note()
        for child in node.children:
            if child.name == "biz":
                raise thriftwire.BizStatusError(42901, "too many", {"retry": "1"})
            yield api.Square(side=1.0, note=child.name)

    async def gather(self, points: AsyncIterator[api.Point]) -> api.Node:
        return api.Node(name="sum", children=[api.Node(name=str(point.x)) async for point in points])

    async def talk(self, shapes: AsyncIterator[api.Shape]) -> AsyncGenerator[api.Choice, None]:
        async for shape in shapes:
            yield api.Choice(text=type(shape).__name__)

    async def alone(self, empty: api.Empty) -> api.Empty:
        return empty

    async def class_(self, self_: str) -> str:
        return self_


def serving() -> thriftwire.Server:
    """A server of it, to be entered; pyright checks here that the handler is one."""
    handler: api.Everything = Handler()
    return thriftwire.Server({api.EVERYTHING: handler}, name="test.everything")


SCALARS = {
    "yes": True,
    "tiny": 1,
    "small": 2,
    "medium": 3,
    "large": 4,
    "real": 0.5,
    "text": "x",
    "raw": "AA==",
    "color": 1,
    "size": "small",
    "json": {"a": [1]},
    "id": 5,
}
"""A value of `api.Scalars` in JSON."""
