"""Thrift IDL text read into `thriftwire.thrift.document` values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from thriftwire.thrift import check
from thriftwire.thrift.document import (
    BASE_TYPES,
    Annotations,
    BaseType,
    Constant,
    ConstList,
    ConstMap,
    ConstReference,
    ConstValue,
    Definition,
    Document,
    EnumDefinition,
    EnumMember,
    Field,
    Function,
    Include,
    ListType,
    Location,
    MapType,
    NamedType,
    Requiredness,
    ServiceDefinition,
    SetType,
    StructDefinition,
    StructKind,
    Type,
    Typedef,
)
from thriftwire.thrift.tokens import Cursor, Token, head_doc, to_number

_MAX_NESTING: Final = 64


def load(path: str | Path, *, include_paths: Iterable[str | Path] = ()) -> Document:
    """The file at ``path`` with everything it includes, checked.

    An include is looked for beside the including file, then in ``include_paths``.
    Raises IDLError, and OSError when ``path`` itself cannot be read.
    """
    return _Loader(tuple(Path(item) for item in include_paths)).load(Path(path))


def parse(text: str, *, file: str = "<text>") -> Document:
    """One file's text, its includes not loaded and its names not checked. Raises IDLError."""
    return _Parser(text, file).document()


class _Loader:
    """Loads each file once, and notices circles."""

    def __init__(self, include_paths: tuple[Path, ...]) -> None:
        self._include_paths = include_paths
        self._loaded: dict[Path, Document] = {}
        self._loading: list[Path] = []

    def load(self, path: Path) -> Document:
        resolved = path.resolve()
        if resolved not in self._loaded:
            self._loading.append(resolved)
            document = parse(_read(path), file=str(path))
            includes = tuple(replace(item, document=self._include(item, path)) for item in document.includes)
            document = replace(document, includes=includes)
            check.check(document)
            self._loaded[resolved] = document
            self._loading.pop()
        return self._loaded[resolved]

    def _include(self, item: Include, including: Path) -> Document:
        for folder in (including.parent, *self._include_paths):
            candidate = folder / item.path
            if candidate.is_file():
                if candidate.resolve() in self._loading:
                    raise item.where.error(f"{item.path!r} includes itself, by way of this file")
                return self.load(candidate)
        raise item.where.error(f"there is no file {item.path!r} to include")


def _read(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Location(str(path), line).error("expected UTF-8 text") from error


class _Parser:
    """Recursive descent, one method per rule of the grammar."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._at = Cursor(text, file)
        self._nesting = 0

    # Headers

    def document(self) -> Document:
        """The whole file."""
        namespaces: dict[str, str] = {}
        includes: list[Include] = []
        while self._at.sees("include", "cpp_include", "namespace"):
            match self._at.take().text:
                case "include":
                    includes.append(self._include())
                case "cpp_include":
                    self._at.literal("the file to include, in quotes")
                case _:
                    scope, name = self._namespace()
                    namespaces[scope] = name
            self._at.accept(",", ";")
        definitions: list[Definition] = []
        while self._at.next.kind != "end":
            definitions.append(self._definition())
            self._at.accept(",", ";")
        return Document(
            file=self._file,
            doc=head_doc(self._text),
            namespaces=namespaces,
            includes=tuple(includes),
            definitions=tuple(definitions),
        )

    def _include(self) -> Include:
        where = self._at.next.where
        path = self._at.literal("the file to include, in quotes")
        alias = path.rsplit("/", 1)[-1].removesuffix(".thrift")
        return Include(path=path, alias=alias, where=where)

    def _namespace(self) -> tuple[str, str]:
        scope = "*" if self._at.accept("*") else self._at.name("a language or '*'", dotted=True).text
        if self._at.next.kind == "text":
            name = self._at.literal("a namespace")
        else:
            name = self._at.name("a namespace", dotted=True).text
        self._annotations()
        return scope, name

    # Definitions

    def _definition(self) -> Definition:
        rules: dict[str, Callable[[str], Definition]] = {
            "const": self._constant,
            "typedef": self._typedef,
            "enum": self._enum,
            "service": self._service,
            **{kind.value: self._struct for kind in StructKind},
        }
        rule = rules.get(self._at.next.text) if self._at.next.kind == "name" else None
        if rule is None:
            if self._at.sees("include", "cpp_include", "namespace"):
                self._at.fail("a definition (includes and namespaces come first)")
            self._at.fail("a definition (const, typedef, enum, struct, union, exception or service)")
        return rule(self._at.next.doc)

    def _constant(self, doc: str) -> Constant:
        self._at.take()
        type_ = self._type()
        name = self._at.name("the constant's name")
        self._at.expect("=")
        value = self._value()
        annotations = self._annotations()
        return Constant(name=name.text, type=type_, value=value, annotations=annotations, doc=doc, where=name.where)

    def _typedef(self, doc: str) -> Typedef:
        self._at.take()
        type_ = self._type()
        name = self._at.name("the new type's name")
        return Typedef(name=name.text, type=type_, annotations=self._annotations(), doc=doc, where=name.where)

    def _enum(self, doc: str) -> EnumDefinition:
        self._at.take()
        name = self._at.name("the enum's name")
        self._at.expect("{")
        last = -1

        def member() -> EnumMember:
            nonlocal last
            token = self._at.name("an enum member's name or '}'")
            last = self._at.integer("the member's number") if self._at.accept("=") else last + 1
            annotations = self._annotations()
            return EnumMember(name=token.text, value=last, annotations=annotations, doc=token.doc, where=token.where)

        members = self._at.until("}", member)
        return EnumDefinition(
            name=name.text, members=members, annotations=self._annotations(), doc=doc, where=name.where
        )

    def _struct(self, doc: str) -> StructDefinition:
        kind = StructKind(self._at.take().text)
        name = self._at.name(f"the {kind.value}'s name")
        self._at.expect("{")
        fields = self._at.until("}", lambda: self._field("a field number or '}'"))
        return StructDefinition(
            name=name.text, kind=kind, fields=fields, annotations=self._annotations(), doc=doc, where=name.where
        )

    def _field(self, what: str) -> Field:
        start = self._at.next
        number = self._at.integer(what)
        self._at.expect(":")
        requiredness = Requiredness.DEFAULT
        if self._at.sees("required", "optional"):
            requiredness = Requiredness(self._at.take().text)
        type_ = self._type()
        name = self._at.name("the field's name")
        default = self._value() if self._at.accept("=") else None
        return Field(
            id=number,
            name=name.text,
            type=type_,
            requiredness=requiredness,
            default=default,
            annotations=self._annotations(),
            doc=start.doc,
            where=start.where,
        )

    def _service(self, doc: str) -> ServiceDefinition:
        self._at.take()
        name = self._at.name("the service's name")
        extends = self._at.name("the service it extends", dotted=True).text if self._at.accept("extends") else ""
        self._at.expect("{")
        functions = self._at.until("}", self._function)
        return ServiceDefinition(
            name=name.text,
            functions=functions,
            extends=extends,
            annotations=self._annotations(),
            doc=doc,
            where=name.where,
        )

    def _function(self) -> Function:
        doc = self._at.next.doc
        oneway = self._at.accept("oneway")
        returns = None if self._at.accept("void") else self._type("a function or '}'")
        name = self._at.name("the function's name")
        self._at.expect("(")
        arguments = self._at.until(")", lambda: self._field("an argument's number or ')'"))
        throws: tuple[Field, ...] = ()
        if self._at.accept("throws"):
            self._at.expect("(")
            throws = self._at.until(")", lambda: self._field("an exception's number or ')'"))
        return Function(
            name=name.text,
            returns=returns,
            arguments=arguments,
            throws=throws,
            oneway=oneway,
            annotations=self._annotations(),
            doc=doc,
            where=name.where,
        )

    # Types, values, annotations

    def _type(self, what: str = "a type") -> Type:
        token = self._at.next
        self._deeper(token)
        if self._at.accept("list"):
            (element,) = self._parameters(1)
            type_: Type = ListType(element=element, annotations=self._annotations())
        elif self._at.accept("set"):
            (element,) = self._parameters(1)
            type_ = SetType(element=element, annotations=self._annotations())
        elif self._at.accept("map"):
            key, value = self._parameters(2)
            type_ = MapType(key=key, value=value, annotations=self._annotations())
        elif self._at.accept(*BASE_TYPES):
            name = "i8" if token.text == "byte" else token.text
            type_ = BaseType(name=name, annotations=self._annotations())
        else:
            self._at.name(what, dotted=True)
            type_ = NamedType(name=token.text, where=token.where, annotations=self._annotations())
        self._nesting -= 1
        return type_

    def _parameters(self, count: int) -> tuple[Type, ...]:
        self._at.expect("<")
        types = [self._type()]
        for _ in range(count - 1):
            self._at.expect(",")
            types.append(self._type())
        self._at.expect(">")
        return tuple(types)

    def _value(self) -> ConstValue:
        token = self._at.next
        self._deeper(token)
        value: ConstValue
        if token.kind == "text":
            value = self._at.literal("a value")
        elif token.kind == "number":
            self._at.take()
            value = to_number(token.text)
        elif self._at.accept("true", "false"):
            value = token.text == "true"
        elif self._at.accept("["):
            value = ConstList(items=self._at.until("]", self._value))
        elif self._at.accept("{"):
            value = ConstMap(items=self._at.until("}", self._entry))
        else:
            self._at.name("a value", dotted=True)
            value = ConstReference(name=token.text, where=token.where)
        self._nesting -= 1
        return value

    def _entry(self) -> tuple[ConstValue, ConstValue]:
        key = self._value()
        self._at.expect(":")
        return key, self._value()

    def _deeper(self, token: Token) -> None:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise token.where.error(f"nested deeper than {_MAX_NESTING}")

    def _annotations(self) -> Annotations:
        if not self._at.accept("("):
            return {}
        return dict(self._at.until(")", self._annotation))

    def _annotation(self) -> tuple[str, str]:
        token = self._at.next
        if token.kind != "name":
            self._at.fail("an annotation's name or ')'")
        self._at.take()
        return token.text, self._at.literal("the annotation's value, in quotes") if self._at.accept("=") else "1"
