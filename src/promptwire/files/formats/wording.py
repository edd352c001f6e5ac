"""The place where a text of one template language is said in another, as far as that is sure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from promptwire.api.prompt import Engine
from promptwire.template.engines import plain

_SPECIAL: Final = re.compile(r"\{\{|\{%|\{#")
_ENDRAW: Final = re.compile(r"\{%-?\s*endraw")


def to_jinja(text: str, engine: Engine) -> str:
    """A text for Jinja and its kin (Nunjucks). Mustache stays as it is: its logic cannot be said."""
    if engine == "plain":
        return "".join(_literal(part) if isinstance(part, str) else f"{{{{{part.name}}}}}" for part in _pieces(text))
    return text


def to_handlebars(text: str, engine: Engine) -> str:
    """A text for Handlebars, which reads Mustache; Jinja stays as it is."""
    if engine == "plain":
        pieces = (p.replace("{{", "\\{{") if isinstance(p, str) else f"{{{{{p.name}}}}}" for p in _pieces(text))
        return "".join(pieces)
    return text


def from_handlebars(text: str) -> tuple[str, Engine, list[str]]:
    """A text of Handlebars, the language that reads it, and the tags that are not carried."""
    lost: list[str] = []
    opened: list[str] = []

    def tag(found: re.Match[str]) -> str:
        said = (found["raw"] or found["said"] or "").strip()
        if found["raw"] is None and said != "this" and re.fullmatch(_PATH, said):
            return found[0]
        for pattern, written in _TAGS.items():
            if (match := re.fullmatch(pattern, said)) is not None:
                return written(match, opened)
        lost.append(found[0])
        return found[0]

    made = _TAG.sub(tag, text)
    return made.replace("\\{{", "{{"), "mustache" if _SECTION.search(made) else "plain", lost


def _pieces(text: str) -> Iterator[Any]:
    yield from plain.Template.parse(text).parts


def _literal(text: str) -> str:
    if not _SPECIAL.search(text):
        return text
    if _ENDRAW.search(text):  # cannot stand in a raw block: each opening is a value
        return _SPECIAL.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)
    return f"{{% raw %}}{text}{{% endraw %}}"


def _open(sign: str) -> Callable[[re.Match[str], list[str]], str]:
    def written(match: re.Match[str], opened: list[str]) -> str:
        opened.append(match[1])
        return f"{{{{{sign}{match[1]}}}}}"

    return written


def _close(_: re.Match[str], opened: list[str]) -> str:
    return f"{{{{/{opened.pop() if opened else ''}}}}}"


_PATH: Final = r"([\w-]+(?:\.[\w-]+)*)"
_TAG: Final = re.compile(r"(?<!\\)(?:\{\{\{(?P<raw>[^{}]*)\}\}\}|\{\{(?P<said>[^{}]*)\}\})")
_SECTION: Final = re.compile(r"(?<!\\)\{\{\s*[#^/.!]")
_TAGS: Final[Mapping[str, Callable[[re.Match[str], list[str]], str]]] = {
    rf"#(?:if|each|with) {_PATH}": _open("#"),
    rf"#unless {_PATH}": _open("^"),
    rf"#{_PATH}": _open("#"),
    rf"\^{_PATH}": _open("^"),
    r"/[\w.-]+": _close,
    r"this": lambda _, __: "{{.}}",
    _PATH: lambda match, _: f"{{{{{match[1]}}}}}",
    r"!.*": lambda _, __: "",
}
