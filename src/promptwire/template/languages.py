"""The place for the template languages a prompt may be written in, behind one face.

Rendering is bounded in time, memory and length whatever the text and the values are, and never looks at a value
again. It blocks: a Jinja template is rendered by a worker process, so an event loop asks from a thread.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from promptwire.api.prompt import Content, Engine
from promptwire.template.engines import mustache, plain
from promptwire.template.engines.jinja import WORKERS, Jinja
from promptwire.template.engines.outline import Outline, TemplateError

P = ParamSpec("P")
T = TypeVar("T")

MAX_RENDERED: Final = 16 * 1024 * 1024  # characters of all texts of a prompt together

# Threads of their own: templates that take long would use up those that the database and names of hosts are read in.
_WAITING: Final = ThreadPoolExecutor(WORKERS, thread_name_prefix="template")

_PURE: Final[Mapping[Engine, Callable[[str, Mapping[str, Any]], Iterator[str]]]] = {
    "plain": plain.render,
    "mustache": mustache.render,
}


class Languages:
    """The languages of one process. `close` ends the workers, if any were started."""

    def __init__(self) -> None:
        self._jinja = Jinja()

    def outlines(self, engine: Engine, texts: Sequence[str]) -> list[Outline]:
        """What each text says of itself. Raises TemplateError when a text is too much to look at."""
        match engine:
            case "plain":
                return [plain.outline(text) for text in texts]
            case "mustache":
                return [mustache.outline(text) for text in texts]
            case "jinja2":
                return self._jinja.outlines(texts)

    def render(self, engine: Engine, texts: Sequence[str], values: Mapping[str, Any]) -> list[str]:
        """The texts with ``values``, which are JSON values, put in. Raises TemplateError, which says in which."""
        if engine == "jinja2":
            return self._jinja.render(texts, values, MAX_RENDERED)
        left = MAX_RENDERED
        rendered: list[str] = []
        for index, text in enumerate(texts):
            try:
                rendered.append("".join(_within(left, _PURE[engine](text, values))))
            except TemplateError as error:
                raise TemplateError(error.message, error.start, error.end, at=index) from error
            left -= len(rendered[-1])
        return rendered

    def close(self) -> None:
        """End the worker processes."""
        self._jinja.close()


def _within(limit: int, pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        limit -= len(piece)
        if limit < 0:
            raise TemplateError(f"the rendered text is longer than {MAX_RENDERED} characters")
        yield piece


async def off_the_loop(content: Content, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do ``work`` on ``content`` where it may wait for a template's worker, if it does."""
    if content.engine == "jinja2":
        return await asyncio.get_running_loop().run_in_executor(_WAITING, functools.partial(work, *args, **kwargs))
    return work(*args, **kwargs)
