"""The place where snippets are put into the texts that include them, before any template language looks at those.

``{{> key}}`` floats, ``{{> key@1.2.0}}`` holds on to a version. Pure: whoever loads snippets hands in a library. Each
snippet is put together once however often it is included, and texts have a bound, so that the work has one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from promptwire.api.message import Message
from promptwire.api.prompt import Content, Engine, Variable
from promptwire.errors import Failure
from promptwire.template.rendering import Place, texts

KEY_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"  # of any prompt
MAX_DEPTH: Final = 16  # snippets in snippets
MAX_SNIPPETS: Final = 100  # different ones in one prompt
MAX_EXPANDED: Final = 1024 * 1024  # characters of a text with its snippets

INCLUDE: Final = re.compile(rf"\{{\{{>[ \t]*({KEY_PATTERN})(?:@([0-9A-Za-z.-]{{1,50}}))?[ \t]*\}}\}}")

TOO_LONG: Final = f"the text with its snippets is longer than {MAX_EXPANDED} characters"

Trouble: TypeAlias = Literal["unknown", "cycle", "depth", "length"]


class Reference(NamedTuple):
    """What an include names. Without a version it floats."""

    key: str
    version: str | None = None

    def __str__(self) -> str:
        return self.key if self.version is None else f"{self.key}@{self.version}"


class Include(NamedTuple):
    """A snippet is named at ``start``..``end`` (characters) of a text."""

    reference: Reference
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A snippet at one version; ``draft`` when it has none yet."""

    key: str
    version: str
    text: str
    engine: Engine = "plain"
    variables: tuple[Variable, ...] = ()


Library: TypeAlias = Mapping[Reference, "Snippet | str"]
"""What each include stands for, or why it stands for nothing."""


class Fault(NamedTuple):
    """A text cannot be put together because of ``include``."""

    trouble: Trouble
    message: str
    include: Include


class Piece(NamedTuple):
    """A run of an expanded text: it begins at ``at``, and is what stood at ``start``, or the text of ``include``."""

    at: int
    start: int
    include: Include | None


class Origin(NamedTuple):
    """Where characters of an expanded text come from: a place in the text as it was written, and the include there."""

    start: int
    end: int
    include: Include | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A text with its snippets in place."""

    text: str
    pieces: tuple[Piece, ...] = ()
    faults: tuple[Fault, ...] = ()
    included: tuple[Include, ...] = ()  # by the text itself

    def origin(self, start: int, end: int) -> Origin:
        """Where ``start``..``end`` of the expanded text come from."""
        first, last = self._origin(start), self._origin(max(start, end - 1))
        return Origin(first.start, last.end if end > start else first.start, first.include)

    def _origin(self, position: int) -> Origin:
        piece = next((one for one in reversed(self.pieces) if one.at <= position), None)
        if piece is None:
            return Origin(position, position + 1, None)
        if piece.include is not None:
            return Origin(piece.include.start, piece.include.end, piece.include)
        at = piece.start + position - piece.at
        return Origin(at, at + 1, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A prompt's content with its snippets in place; ``snippets`` are all that went in, at any depth."""

    content: Content
    texts: Mapping[Place, Expansion]
    snippets: tuple[Snippet, ...] = ()
    library: Library

    @property
    def faults(self) -> Iterator[tuple[Place, Fault]]:
        """What could not be put in, with its place."""
        return ((place, fault) for place, expansion in self.texts.items() for fault in expansion.faults)


def includes(text: str) -> list[Include]:
    """The snippets a text names, in order."""
    if "{{>" not in text:
        return []
    return [Include(Reference(found[1], found[2]), *found.span()) for found in INCLUDE.finditer(text)]


def included(content: Content) -> Iterator[Include]:
    """The snippets the texts of a prompt name, in order."""
    for text in texts(content.messages).values():
        yield from includes(text)


def expanded(content: Content, library: Library, own: str | None = None) -> Expanded:
    """``content`` with what ``library`` knows in place; the rest is left out and said.

    ``own`` is the key it is kept under. The variables that snippets declare follow the content's own, unless it
    declares them itself.
    """
    expanding = _Expanding(library, own)
    made = {place: expanding.text(text) for place, text in texts(content.messages).items()}
    snippets = tuple(expanding.used.values())
    if not snippets and not any(one.faults for one in made.values()):
        return Expanded(content=content, texts=made, library=library)
    messages = [_with(index, message, made) for index, message in enumerate(content.messages)]
    variables = _declared(content.variables, snippets)
    whole = msgspec.structs.replace(content, messages=messages, variables=variables)
    return Expanded(content=whole, texts=made, snippets=snippets, library=library)


def refuse_faults(expanded: Expanded) -> None:
    """Raises Failure (invalid_request) when a snippet could not be put in."""
    for place, fault in expanded.faults:
        raise Failure("invalid_request", f"{place}: {fault.message}")


def _with(index: int, message: Message, made: Mapping[Place, Expansion]) -> Message:
    if message.role == "placeholder":
        return message
    parts = message.parts and [
        part if part.text is None else msgspec.structs.replace(part, text=made[Place(index, number)].text)
        for number, part in enumerate(message.parts)
    ]
    return msgspec.structs.replace(message, content=made[Place(index, None)].text, parts=parts)


def _declared(own: list[Variable], snippets: Iterable[Snippet]) -> list[Variable]:
    known = {variable.name: variable for snippet in reversed([*snippets]) for variable in snippet.variables}
    mine = {variable.name for variable in own}
    return own + [variable for name, variable in known.items() if name not in mine]


class _Step(NamedTuple):
    """A text that is being put together; ``floats``: it was named without a version."""

    key: str
    version: str | None
    floats: bool


class _Trouble(NamedTuple):
    """What is wrong below an include: ``path`` are the keys from it on."""

    trouble: Trouble
    path: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return self.message if len(self.path) < 2 else f"{self.message} ({' → '.join(self.path)})"


class _Whole(NamedTuple):
    """A snippet put together: its text, how many snippets deep it is, and what is wrong inside, if anything is.

    One trouble is told, for their number could grow like the text they stop.
    """

    text: str = ""
    depth: int = 0
    trouble: _Trouble | None = None


@dataclass(slots=True)
class _Expanding:
    """The putting together of one prompt."""

    library: Library
    own: str | None
    used: dict[tuple[str, str], Snippet] = field(default_factory=dict[tuple[str, str], Snippet])
    _whole: dict[tuple[str, str], _Whole] = field(default_factory=dict[tuple[str, str], _Whole])
    _path: list[_Step] = field(default_factory=list[_Step])

    def text(self, text: str) -> Expansion:
        """A prompt's own text."""
        found = includes(text)
        if not found:
            return Expansion(text=text)
        self._path = [] if self.own is None else [_Step(self.own, None, floats=True)]
        written: list[str] = []
        pieces: list[Piece] = []
        faults: list[Fault] = []
        at = end = 0
        for include in found:
            whole = self._snippet(include.reference)
            own = text[end : include.start]
            if (found_out := whole.trouble) is not None:
                faults.append(Fault(found_out.trouble, str(found_out), include))
            if at + len(own) + len(whole.text) > MAX_EXPANDED:
                faults.append(Fault("length", TOO_LONG, include))
                break
            pieces += [Piece(at, end, None), Piece(at + len(own), include.start, include)]
            written += [own, whole.text]
            at, end = at + len(own) + len(whole.text), include.end
        written.append(text[end:])
        pieces.append(Piece(at, end, None))
        return Expansion(text="".join(written), pieces=tuple(pieces), faults=tuple(faults), included=tuple(found))

    def _snippet(self, reference: Reference) -> _Whole:
        found = self.library.get(reference, f"more than {MAX_SNIPPETS} different snippets")
        path = (reference.key,)
        if isinstance(found, str):
            return _Whole(trouble=_Trouble("unknown", path, found))
        if (loop := self._loop(reference, found)) is not None:
            return _Whole(trouble=_Trouble("cycle", path, f"snippets include each other in a circle: {loop}"))
        at = (found.key, found.version)
        if at not in self._whole:
            self._path.append(_Step(found.key, found.version, floats=reference.version is None))
            self._whole[at] = self._inside(found)
            self._path.pop()
        self.used.setdefault(at, found)
        whole = self._whole[at]
        if whole.trouble is None and len(self._path) + whole.depth > MAX_DEPTH:
            return _Whole(trouble=_Trouble("depth", path, f"snippets are nested more than {MAX_DEPTH} deep"))
        return whole

    def _inside(self, snippet: Snippet) -> _Whole:
        written: list[str] = []
        end = length = depth = 0
        for include in includes(snippet.text):
            inner = self._snippet(include.reference)
            if inner.trouble is not None:
                below = inner.trouble._replace(path=(snippet.key, *inner.trouble.path))
                return _Whole(trouble=below)
            written += [snippet.text[end : include.start], inner.text]
            length += len(written[-2]) + len(inner.text)
            depth, end = max(depth, inner.depth), include.end
            if length > MAX_EXPANDED:
                return _Whole(trouble=_Trouble("length", (snippet.key,), TOO_LONG))
        return _Whole("".join([*written, snippet.text[end:]]), depth + 1)

    def _loop(self, reference: Reference, found: Snippet) -> str | None:
        """The way round, when what is named is being put together already."""
        for number, step in enumerate(self._path):
            floating = step.floats and reference.version is None
            if step.key == reference.key and (floating or step.version == found.version):
                return " → ".join([*(one.key for one in self._path[number:]), reference.key])
        return None
