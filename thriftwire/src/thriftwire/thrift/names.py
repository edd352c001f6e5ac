"""Names in the IDL turned into names in Python."""

from __future__ import annotations

import keyword
import re

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """``ChatStream`` as ``chat_stream``, ``LLMService`` as ``llm_service``."""
    return _BOUNDARY.sub("_", name).lower()


def constant_case(name: str) -> str:
    """``LLMService`` as ``LLM_SERVICE``."""
    return snake_case(name).upper()


def safe(name: str, taken: frozenset[str] = frozenset()) -> str:
    """``name``, with a trailing underscore when Python or the file around it needs the word itself."""
    return f"{name}_" if keyword.iskeyword(name) or name in taken or name.startswith("__") else name
