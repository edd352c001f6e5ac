"""Services of a Thrift file as Python source: a Protocol for the types, a description for the run time."""

from __future__ import annotations

from collections.abc import Iterator

from thriftwire.service import Mode
from thriftwire.thrift.check import STREAMING_MODE
from thriftwire.thrift.document import Document, Field, Found, Function, Requiredness, ServiceDefinition
from thriftwire.thrift.generate.layout import (
    Node,
    body,
    call,
    chain,
    display,
    docstring,
    indented,
    lay_out,
    mapping,
    string,
    subscript,
)
from thriftwire.thrift.generate.scope import METHODS, SERVICE, Scope, python_name, words
from thriftwire.thrift.generate.structs import Piece
from thriftwire.thrift.generate.values import expression
from thriftwire.thrift.names import constant_case, safe, snake_case


def service(scope: Scope, item: ServiceDefinition) -> Iterator[Piece]:
    """The Protocol and the description."""
    parent = scope.document.find(item.extends) if item.extends else None
    yield _protocol(scope, item, parent)
    yield _description(scope, item, parent)


def constant_name(document: Document, item: ServiceDefinition) -> str:
    """What a service's description is called: ``LLM_SERVICE`` for ``LLMService``, ``API_SERVICE`` for ``API``."""
    name = constant_case(item.name)
    return f"{name}_SERVICE" if any(python_name(other) == name for other in document.definitions) else name


def mode_of(function: Function) -> Mode:
    """Who streams."""
    return Mode(function.annotations.get(STREAMING_MODE, ""))


def attribute_of(scope: Scope, item: ServiceDefinition, function: Function) -> str:
    """A method's name in Python; one that an annotation beside it needs gets an underscore."""
    types = [field.type for other in item.functions for field in other.arguments]
    types += [other.returns for other in item.functions if other.returns is not None]
    return safe(snake_case(function.name), words(scope.document, types))


def signature(scope: Scope, item: ServiceDefinition, function: Function, tail: str = "") -> list[str]:
    """The ``def`` line of a method, in a class; ``tail`` follows it."""
    mode = mode_of(function)
    returns: Node = "None" if function.returns is None else scope.type(function.returns, {})
    if mode.server_streams:
        returns = subscript(scope.use("collections.abc", "AsyncGenerator"), returns, "None")  # its reader closes it
    keyword = "def" if mode.server_streams else "async def"
    head = call(f"{keyword} {attribute_of(scope, item, function)}", "self", *arguments(scope, function))
    end = f" -> {returns}:{tail}"
    return indented(lay_out(head, 1, trailing=len(end)) + end)


def arguments(scope: Scope, function: Function) -> Iterator[Node]:
    """A method's arguments after the first: name, type and, at the end, what stands for one that is left out."""
    mode = mode_of(function)
    for position, field in enumerate(function.arguments):
        type_ = _argument_type(scope, field)
        if mode.client_streams:
            type_ = subscript(scope.use("collections.abc", "AsyncIterator"), type_)
        can_be_left_out = all(_default(scope, later) for later in function.arguments[position:])
        value = f" = {_default(scope, field)}" if can_be_left_out and not mode.streaming else ""
        yield chain(f"{argument_name(function, field)}: ", type_, value)


def argument_name(function: Function, item: Field) -> str:
    """An argument's name in Python; the messages of a client stream are a plural."""
    plural = "s" if mode_of(function).client_streams else ""
    return safe(f"{item.name}{plural}", frozenset({"self"}))


def _argument_type(scope: Scope, item: Field) -> Node:
    if item.requiredness is Requiredness.OPTIONAL:
        return scope.optional(item.type, item.annotations)
    return scope.type(item.type, item.annotations)


def _default(scope: Scope, item: Field) -> str:
    """What an argument is when it is left out; empty when it cannot be."""
    if item.default is not None:
        return str(expression(scope, item.type, scope.document, item.default, scope.document, item.annotations))
    return "None" if item.requiredness is Requiredness.OPTIONAL else ""


def _protocol(scope: Scope, item: ServiceDefinition, parent: Found | None) -> Piece:
    protocol = scope.use("typing", "Protocol")
    with scope.needing() as needs:
        bases = f"{scope.name(parent)}, {protocol}" if parent is not None else protocol
    lines: list[str] = []
    for function in item.functions:
        if function.doc:
            lines += ["", *signature(scope, item, function), *docstring(function.doc, 2), "        ..."]
        else:
            lines += ["", *signature(scope, item, function, " ...")]
    name = python_name(item)
    return Piece(name, body(f"class {name}({bases}):", item.doc, lines[1:]), needs)


def _description(scope: Scope, item: ServiceDefinition, parent: Found | None) -> Piece:
    name = constant_name(scope.document, item)
    with scope.needing() as needs:
        options: list[Node] = [scope.name(Found(document=scope.document, definition=item))]
        options += [_method(scope, item, function) for function in item.functions]
        if python_name(item) != item.name:
            options.append(f"name={string(item.name)}")
        options.append(f"package={string(scope.document.package)}")
        if parent is not None:
            options.append(f"extends={_parent_constant(scope, parent)}")
    describe = scope.use(METHODS, "service")
    text = lay_out(chain(f"{name}: {scope.use('typing', 'Final')} = ", call(describe, *options)))
    return Piece(name, text.split("\n"), needs)


def _parent_constant(scope: Scope, parent: Found) -> str:
    if not isinstance(parent.definition, ServiceDefinition):
        raise TypeError(f"{parent.definition.name} is no service")
    return scope.name(parent, constant_name(parent.document, parent.definition))


def _method(scope: Scope, item: ServiceDefinition, function: Function) -> Node:
    options: list[Node] = [string(function.name)]
    if (attribute := attribute_of(scope, item, function)) != snake_case(function.name):
        options.append(f"attribute={string(attribute)}")
    if (mode := mode_of(function)) is not Mode.PING_PONG:
        options.append(f"mode={scope.use(SERVICE, 'Mode')}.{mode.name}")
    if function.arguments:
        options.append(chain("arguments=", _numbered(scope, function.arguments)))
    if function.returns is not None:
        options.append(chain("returns=", scope.type(function.returns, {})))
    if function.throws:
        options.append(chain("throws=", _numbered(scope, function.throws)))
    if function.oneway:
        options.append("oneway=True")
    if function.annotations:
        options.append(chain("annotations=", mapping(function.annotations)))
    return call(scope.use(METHODS, "method"), *options)


def _numbered(scope: Scope, fields: tuple[Field, ...]) -> Node:
    items: list[Node] = []
    for item in fields:
        parts: list[Node] = [string(item.name), _argument_type(scope, item)]
        if item.default is not None:
            parts.append(_default(scope, item))
        items.append(chain(f"{item.id}: ", display(parts, "()")))
    return display(items, "{}")
