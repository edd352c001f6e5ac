"""The place for files whose YAML stands between two lines of ---, and their template below."""

from __future__ import annotations

import re
from typing import Any, Final

from promptwire.files import yaml
from promptwire.files.fault import FileError
from promptwire.files.plain import is_mapping

_FRONT: Final = re.compile(
    r"\A\ufeff?---[ \t]*\n(?P<front>.*?)^---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE
)


def read(text: str) -> tuple[dict[str, Any], str]:
    """The names and values above, and the template below. Raises FileError."""
    text = text.replace("\r\n", "\n")
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    value = yaml.load(found["front"])
    if value is not None and not is_mapping(value):
        raise FileError("between the --- are names and values", 1)
    return value or {}, found["body"]


def write(values: dict[str, Any], body: str) -> str:
    """The file of both."""
    return f"---\n{yaml.dump(values) if values else ''}---\n{body}"
