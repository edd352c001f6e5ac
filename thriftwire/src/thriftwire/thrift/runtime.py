"""An IDL file turned into Python types and services while the program runs: nothing is written, nothing is imported.

The types are those that ``thriftwire gen`` would write, except that every union is a struct with one field set, so
that all of them can be read from JSON: ``{"circle": {"radius": 1}}``.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from thriftwire.service import Method, Service
from thriftwire.thrift import idl
from thriftwire.thrift.document import Document
from thriftwire.thrift.generate.module import generate
from thriftwire.thrift.generate.scope import module_name
from thriftwire.thrift.generate.services import constant_name

_serial: Final = itertools.count()


class Contract:
    """The services of one IDL file. Its types stay until the program ends, like those of an imported module."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._package = f"thriftwire_contract_{next(_serial)}"
        self._modules: dict[str, ModuleType] = {}
        package = ModuleType(self._package)
        package.__path__ = []
        sys.modules[self._package] = package
        self._load(document)
        module = self._modules[document.file]
        self.services: Mapping[str, Service[Any]] = {
            item.name: getattr(module, constant_name(document, item)) for item in document.services()
        }

    def _load(self, document: Document) -> None:
        if document.file in self._modules:
            return
        for include in document.includes:
            if include.document is not None:
                self._load(include.document)
        name = f"{self._package}.{module_name(document.file)}"
        module = self._modules[document.file] = ModuleType(name)
        module.__package__ = self._package
        sys.modules[name] = module  # where annotations are looked up
        source = generate(document, wrap_unions=True)
        exec(compile(source, f"<Python of {document.file}>", "exec"), vars(module))  # noqa: S102 - generated from a checked document

    def find(self, name: str) -> tuple[Service[Any], Method]:
        """The method called ``Service/Method``, or ``Method`` when one service alone has it. Raises LookupError."""
        service, _, method = name.rpartition("/")
        found = [
            (item, item.methods[method])
            for item in self.services.values()
            if method in item.methods and service in ("", item.name)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(f"{method!r} is a method of {', '.join(item.name for item, _ in found)}: say which")
        known = ", ".join(f"{item.name}/{each}" for item in self.services.values() for each in item.methods)
        raise LookupError(f"there is no method {name!r}; there are {known or 'none'}")


def load(path: str | Path, *, include_paths: Iterable[str | Path] = ()) -> Contract:
    """The contract in the file at ``path``. Raises IDLError, and OSError when the file cannot be read."""
    return Contract(idl.load(path, include_paths=include_paths))
