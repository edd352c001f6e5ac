"""A server and a client to begin with, for the services of a Thrift file: written once, then the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thriftwire.thrift.document import Document, Found, Function, ServiceDefinition
from thriftwire.thrift.generate.layout import call, display, docstring, import_lines, lay_out
from thriftwire.thrift.generate.scope import Scope, module_name, python_name
from thriftwire.thrift.generate.services import (
    argument_name,
    arguments,
    attribute_of,
    constant_name,
    mode_of,
    signature,
)

_ADDRESS: Final = "127.0.0.1:9000"


class _Outside(Scope):
    """Names as a file beside the generated package sees them: all are imported."""

    def __init__(self, document: Document, imports: dict[str, set[str]]) -> None:
        super().__init__(document)
        self.imports = imports

    def name(self, found: Found, wanted: str = "") -> str:
        module = f".{module_name(found.document.file)}"
        wanted = wanted or python_name(found.definition)
        for written in (wanted, f"{module[1:]}_{wanted}"):
            said = wanted if written == wanted else f"{wanted} as {written}"
            if not any(said in names for other, names in self.imports.items() if other != module):
                self.use(module, said)
                return written
        raise TypeError(f"{wanted} has two meanings")


def _functions(document: Document, item: ServiceDefinition) -> Iterator[tuple[Document, ServiceDefinition, Function]]:
    """Every function of a service, its parents' first, and where it is defined."""
    parent = document.find(item.extends) if item.extends else None
    if parent is not None and isinstance(parent.definition, ServiceDefinition):
        yield from _functions(parent.document, parent.definition)
    for function in item.functions:
        yield document, item, function


def server(document: Document, package: str) -> str:
    """A module with a handler of every service, to be filled in, that serves them."""
    imports: dict[str, set[str]] = {"__future__": {"annotations"}}
    body: list[str] = []
    served: list[str] = []
    for item in document.services():
        name = f"{python_name(item)}Handler"
        scope = _Outside(document, imports)
        found = Found(document=document, definition=item)
        protocol, constant = scope.name(found), scope.name(found, constant_name(document, item))
        served.append(f"{constant}: {name}()")
        body += ["", "", f"class {name}({protocol}):", *docstring(item.doc or f"Serves {item.name}.", 1)]
        for home, owner, function in _functions(document, item):
            body += ["", *_stub(_Outside(home, imports), owner, function)]
    listen = lay_out(call("thriftwire.Server", display(served, "{}")), 1)
    body += ["", "", "async def main() -> None:", '    """Serve until interrupted."""', f"    server = {listen}"]
    host, _, port = _ADDRESS.partition(":")
    body += [f'    await server.start("{host}", {port})', "    try:", "        await asyncio.Event().wait()"]
    body += ["    finally:", "        await server.stop()"]
    return _file(f"Serves {_titles(document)}.", imports, package, body)


def _stub(scope: Scope, owner: ServiceDefinition, function: Function) -> list[str]:
    lines = signature(scope, owner, function)
    if mode_of(function).server_streams:
        lines[0] = lines[0].replace("    def ", "    async def ", 1)
    doc = docstring(function.doc, 2) if function.doc else []
    end = ["        yield  # what makes it a stream"] if mode_of(function).server_streams else []
    return [*lines, *doc, f'        raise NotImplementedError("{function.name}")', *end]


def client(document: Document, package: str) -> str:
    """A module with a function for every method that calls it and prints what comes."""
    imports: dict[str, set[str]] = {"__future__": {"annotations"}}
    body: list[str] = []
    connects: list[str] = []
    for item in document.services():
        scope = _Outside(document, imports)
        found = Found(document=document, definition=item)
        protocol, constant = scope.name(found), scope.name(found, constant_name(document, item))
        prefix = constant.lower()
        connects += [f'    async with thriftwire.connect("{_ADDRESS}", {constant}) as {prefix}:']
        connects += [f"        print({prefix})  # call the functions above with it"]
        for home, owner, function in _functions(document, item):
            body += ["", "", *_caller(_Outside(home, imports), owner, function, protocol, prefix)]
    body += ["", "", "async def main() -> None:", f'    """Connect to {_ADDRESS}."""', *connects]
    return _file(f"Calls {_titles(document)}.", imports, package, body)


def _caller(scope: Scope, owner: ServiceDefinition, function: Function, protocol: str, prefix: str) -> list[str]:
    attribute = attribute_of(scope, owner, function)
    name = f"async def {prefix}_{attribute.rstrip('_')}"
    end = " -> None:"
    head = lay_out(call(name, f"client: {protocol}", *arguments(scope, function)), trailing=len(end)) + end
    names = ", ".join(argument_name(function, item) for item in function.arguments)
    if mode_of(function).server_streams:
        return [*head.split("\n"), f"    async for item in client.{attribute}({names}):", "        print(item)"]
    if function.returns is None:
        return [*head.split("\n"), f"    await client.{attribute}({names})"]
    return [*head.split("\n"), f"    print(await client.{attribute}({names}))"]


def _titles(document: Document) -> str:
    return ", ".join(item.name for item in document.services())


def _file(title: str, imports: dict[str, set[str]], package: str, body: list[str]) -> str:
    standard = {name: imports.pop(name) for name in ("collections.abc",) if name in imports}
    imports.pop("__future__")
    lines = [*docstring(f"{title}\n\nBegun by `thriftwire gen`; yours to change."), ""]
    lines += ["from __future__ import annotations", "", "import asyncio"]
    lines += [line for module, names in standard.items() for line in import_lines(module, names)]
    own = [(f"{package}{name}" if name.startswith(".") else name, names) for name, names in sorted(imports.items())]
    lines += ["", "import thriftwire", *(line for module, names in own for line in import_lines(module, names))]
    return "\n".join([*lines, *body, "", "", 'if __name__ == "__main__":', "    asyncio.run(main())"]) + "\n"
