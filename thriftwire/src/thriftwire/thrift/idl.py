"""Thrift IDL text read into `thriftwire.thrift.document` values."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn, TypeVar

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

T = TypeVar("T")

_TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<doc>/\*\*(?!/).*?\*/)
  | (?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)
  | (?P<open_comment>/\*)
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<symbol>[{}()\[\]<>=:,;*])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SKIPPED: Final = ("space", "comment")
_KEYWORDS: Final = frozenset(
    "const cpp_include enum exception extends include namespace oneway optional required service struct throws typedef "
    "union void".split()
)
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


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # a group of `_TOKEN`, or "end"
    text: str
    where: Location
    doc: str = ""

    def __str__(self) -> str:
        return "the end of the file" if self.kind == "end" else repr(self.text)


def _tokens(text: str, file: str) -> Iterator[_Token]:
    line, line_start, position, doc = 1, 0, 0, ""
    while position < len(text):
        where = Location(file, line, position - line_start + 1)
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup == "open_comment":
            what = "a comment that ends" if match else "a Thrift word or sign"
            raise where.error(f"expected {what}, not {text[position : position + 2].split()[0]!r}")
        kind, value = str(match.lastgroup), match.group()
        if kind == "doc":
            doc = _clean_doc(value)
        elif kind not in _SKIPPED:
            yield _Token(kind, value, where, doc)
            doc = ""
        if newlines := value.count("\n"):
            line += newlines
            line_start = position + value.rindex("\n") + 1
        position = match.end()
    yield _Token("end", "", Location(file, line, position - line_start + 1), doc)


def _clean_doc(comment: str) -> str:
    lines = [re.sub(r"^\s*\*(?!\*) ?", "", line).rstrip() for line in comment[3:-2].split("\n")[1:]]
    rest = textwrap.dedent("\n".join(lines))
    return (comment[3:-2].split("\n")[0].strip() + "\n" + rest).strip()


def _head_doc(text: str) -> str:
    """The line comments a file begins with: what it says about itself."""
    lines: list[str] = []
    for line in text.splitlines():
        if not (stripped := line.strip()).startswith(("//", "#")):
            break
        lines.append(re.sub(r"^(//+|#+!?) ?", "", stripped))
    return "\n".join(lines).strip()


class _Parser:
    """Recursive descent, one method per rule of the grammar."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._tokens = list(_tokens(text, file))
        self._position = 0
        self._nesting = 0

    # Tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._next
        self._position += token.kind != "end"
        return token

    def _fail(self, expected: str) -> NoReturn:
        raise self._next.where.error(f"expected {expected}, not {self._next}")

    def _sees(self, *texts: str) -> bool:
        return self._next.kind in ("symbol", "name") and self._next.text in texts

    def _accept(self, *texts: str) -> bool:
        if self._sees(*texts):
            self._take()
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail(repr(text))

    def _name(self, what: str, *, dotted: bool = False) -> _Token:
        token = self._next
        plain = token.kind == "name" and "-" not in token.text and (dotted or "." not in token.text)
        if not plain or token.text in _KEYWORDS or token.text in BASE_TYPES:
            self._fail(what)
        return self._take()

    def _literal(self, what: str) -> str:
        if self._next.kind != "text":
            self._fail(what)
        token = self._take()
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), token.text[1:-1], flags=re.DOTALL)

    def _integer(self, what: str) -> int:
        token = self._next
        if token.kind != "number" or not re.fullmatch(r"[+-]?(0[xX][0-9a-fA-F]+|\d+)", token.text):
            self._fail(what)
        self._take()
        return _to_int(token.text)

    def _until(self, closing: str, rule: Callable[[], T]) -> tuple[T, ...]:
        items: list[T] = []
        while not self._accept(closing):
            items.append(rule())
            self._accept(",", ";")
        return tuple(items)

    # Headers

    def document(self) -> Document:
        """The whole file."""
        namespaces: dict[str, str] = {}
        includes: list[Include] = []
        while self._sees("include", "cpp_include", "namespace"):
            match self._take().text:
                case "include":
                    includes.append(self._include())
                case "cpp_include":
                    self._literal("the file to include, in quotes")
                case _:
                    scope, name = self._namespace()
                    namespaces[scope] = name
            self._accept(",", ";")
        definitions: list[Definition] = []
        while self._next.kind != "end":
            definitions.append(self._definition())
            self._accept(",", ";")
        return Document(
            file=self._file,
            doc=_head_doc(self._text),
            namespaces=namespaces,
            includes=tuple(includes),
            definitions=tuple(definitions),
        )

    def _include(self) -> Include:
        where = self._next.where
        path = self._literal("the file to include, in quotes")
        alias = path.rsplit("/", 1)[-1].removesuffix(".thrift")
        return Include(path=path, alias=alias, where=where)

    def _namespace(self) -> tuple[str, str]:
        scope = "*" if self._accept("*") else self._name("a language or '*'", dotted=True).text
        if self._next.kind == "text":
            name = self._literal("a namespace")
        else:
            name = self._name("a namespace", dotted=True).text
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
        rule = rules.get(self._next.text) if self._next.kind == "name" else None
        if rule is None:
            if self._sees("include", "cpp_include", "namespace"):
                self._fail("a definition (includes and namespaces come first)")
            self._fail("a definition (const, typedef, enum, struct, union, exception or service)")
        return rule(self._next.doc)

    def _constant(self, doc: str) -> Constant:
        self._take()
        type_ = self._type()
        name = self._name("the constant's name")
        self._expect("=")
        value = self._value()
        annotations = self._annotations()
        return Constant(
            name=name.text, type=type_, value=value, annotations=annotations, doc=doc, where=name.where
        )

    def _typedef(self, doc: str) -> Typedef:
        self._take()
        type_ = self._type()
        name = self._name("the new type's name")
        return Typedef(name=name.text, type=type_, annotations=self._annotations(), doc=doc, where=name.where)

    def _enum(self, doc: str) -> EnumDefinition:
        self._take()
        name = self._name("the enum's name")
        self._expect("{")
        last = -1

        def member() -> EnumMember:
            nonlocal last
            token = self._name("an enum member's name or '}'")
            last = self._integer("the member's number") if self._accept("=") else last + 1
            annotations = self._annotations()
            return EnumMember(name=token.text, value=last, annotations=annotations, doc=token.doc, where=token.where)

        members = self._until("}", member)
        return EnumDefinition(
            name=name.text, members=members, annotations=self._annotations(), doc=doc, where=name.where
        )

    def _struct(self, doc: str) -> StructDefinition:
        kind = StructKind(self._take().text)
        name = self._name(f"the {kind.value}'s name")
        self._expect("{")
        fields = self._until("}", lambda: self._field("a field number or '}'"))
        return StructDefinition(
            name=name.text, kind=kind, fields=fields, annotations=self._annotations(), doc=doc, where=name.where
        )

    def _field(self, what: str) -> Field:
        start = self._next
        number = self._integer(what)
        self._expect(":")
        requiredness = Requiredness.DEFAULT
        if self._sees("required", "optional"):
            requiredness = Requiredness(self._take().text)
        type_ = self._type()
        name = self._name("the field's name")
        default = self._value() if self._accept("=") else None
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
        self._take()
        name = self._name("the service's name")
        extends = self._name("the service it extends", dotted=True).text if self._accept("extends") else ""
        self._expect("{")
        functions = self._until("}", self._function)
        return ServiceDefinition(
            name=name.text,
            functions=functions,
            extends=extends,
            annotations=self._annotations(),
            doc=doc,
            where=name.where,
        )

    def _function(self) -> Function:
        doc = self._next.doc
        oneway = self._accept("oneway")
        returns = None if self._accept("void") else self._type("a function or '}'")
        name = self._name("the function's name")
        self._expect("(")
        arguments = self._until(")", lambda: self._field("an argument's number or ')'"))
        throws: tuple[Field, ...] = ()
        if self._accept("throws"):
            self._expect("(")
            throws = self._until(")", lambda: self._field("an exception's number or ')'"))
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
        token = self._next
        self._deeper(token)
        if self._accept("list"):
            (element,) = self._parameters(1)
            type_: Type = ListType(element=element, annotations=self._annotations())
        elif self._accept("set"):
            (element,) = self._parameters(1)
            type_ = SetType(element=element, annotations=self._annotations())
        elif self._accept("map"):
            key, value = self._parameters(2)
            type_ = MapType(key=key, value=value, annotations=self._annotations())
        elif self._accept(*BASE_TYPES):
            name = "i8" if token.text == "byte" else token.text
            type_ = BaseType(name=name, annotations=self._annotations())
        else:
            self._name(what, dotted=True)
            type_ = NamedType(name=token.text, where=token.where, annotations=self._annotations())
        self._nesting -= 1
        return type_

    def _parameters(self, count: int) -> tuple[Type, ...]:
        self._expect("<")
        types = [self._type()]
        for _ in range(count - 1):
            self._expect(",")
            types.append(self._type())
        self._expect(">")
        return tuple(types)

    def _value(self) -> ConstValue:
        token = self._next
        self._deeper(token)
        value: ConstValue
        if token.kind == "text":
            value = self._literal("a value")
        elif token.kind == "number":
            self._take()
            value = _to_number(token.text)
        elif self._accept("true", "false"):
            value = token.text == "true"
        elif self._accept("["):
            value = ConstList(items=self._until("]", self._value))
        elif self._accept("{"):
            value = ConstMap(items=self._until("}", self._entry))
        else:
            self._name("a value", dotted=True)
            value = ConstReference(name=token.text, where=token.where)
        self._nesting -= 1
        return value

    def _entry(self) -> tuple[ConstValue, ConstValue]:
        key = self._value()
        self._expect(":")
        return key, self._value()

    def _deeper(self, token: _Token) -> None:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise token.where.error(f"nested deeper than {_MAX_NESTING}")

    def _annotations(self) -> Annotations:
        if not self._accept("("):
            return {}
        return dict(self._until(")", self._annotation))

    def _annotation(self) -> tuple[str, str]:
        token = self._next
        if token.kind != "name":
            self._fail("an annotation's name or ')'")
        self._take()
        return token.text, self._literal("the annotation's value, in quotes") if self._accept("=") else "1"


def _to_int(text: str) -> int:
    return int(text, 16) if "x" in text.lower() else int(text)


def _to_number(text: str) -> int | float:
    try:
        return _to_int(text)
    except ValueError:
        return float(text)
