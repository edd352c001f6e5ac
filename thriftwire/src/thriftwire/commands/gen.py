"""``thriftwire gen``: Python types and services from IDL files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from thriftwire.commands.outcome import Usage
from thriftwire.thrift import idl
from thriftwire.thrift.document import Document
from thriftwire.thrift.generate import skeletons
from thriftwire.thrift.generate.module import generate, package
from thriftwire.thrift.generate.scope import module_name

HELP = "generate Python types, service Protocols and descriptions from IDL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("idl", nargs="+", type=Path, help="the Thrift files; what they include is generated too")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the package's folder")
    parser.add_argument("--package", default="", help="the package's dotted name, for its docstring only")
    parser.add_argument(
        "--include-path", action="append", default=[], type=Path, metavar="DIR", help="where to look for includes"
    )
    parser.add_argument(
        *("--skeletons",), type=Path, metavar="DIR", help="also begin a server and a client there; needs --package"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")


def run(arguments: argparse.Namespace) -> int:
    """Write the modules, or compare them."""
    files = sources(arguments.idl, package_name=arguments.package, include_paths=arguments.include_path)
    folder: Path = arguments.out
    changed = [name for name, text in files.items() if not _same(folder / name, text)]
    if arguments.check:
        for name in changed:
            print(f"{folder / name} is not what its IDL says; run thriftwire gen", file=sys.stderr)
        return 1 if changed else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (folder / name).write_text(files[name], encoding="utf-8")
        print(f"wrote {folder / name}")
    if arguments.skeletons is not None:
        _begin(arguments)
    return 0


def _begin(arguments: argparse.Namespace) -> None:
    """Write a server and a client for each file with services; what is there already is the user's and stays."""
    if not arguments.package:
        raise Usage("--skeletons needs --package, to import the generated modules from")
    arguments.skeletons.mkdir(parents=True, exist_ok=True)
    for path in arguments.idl:
        document = idl.load(path, include_paths=arguments.include_path)
        for kind, begin in (("server", skeletons.server), ("client", skeletons.client)):
            file = arguments.skeletons / f"{module_name(document.file)}_{kind}.py"
            if any(document.services()) and not file.exists():
                file.write_text(begin(document, arguments.package), encoding="utf-8")
                print(f"wrote {file}")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def sources(paths: list[Path], *, package_name: str = "", include_paths: list[Path] | None = None) -> dict[str, str]:
    """File name to text of every module that the IDL files and their includes make, and of the package."""
    documents: dict[str, Document] = {}
    for path in paths:
        _collect(idl.load(path, include_paths=include_paths or ()), documents)
    title = f"The contract of {package_name}." if package_name else ""
    return {"__init__.py": package(title), **{name: generate(item) for name, item in sorted(documents.items())}}


def _collect(document: Document, documents: dict[str, Document]) -> None:
    name = f"{module_name(document.file)}.py"
    known = documents.setdefault(name, document)
    if Path(known.file).resolve() != Path(document.file).resolve():
        raise Usage(f"{known.file} and {document.file} would both be {name}")
    for include in document.includes:
        if include.document is not None:
            _collect(include.document, documents)
