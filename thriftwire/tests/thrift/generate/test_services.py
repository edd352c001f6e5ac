from __future__ import annotations

from thriftwire.thrift import idl
from thriftwire.thrift.document import ServiceDefinition
from thriftwire.thrift.generate.scope import Scope
from thriftwire.thrift.generate.services import argument_name, service, signature


def pieces(text: str) -> tuple[list[str], list[str]]:
    document = idl.parse(text)
    item = document.definitions[-1]
    assert isinstance(item, ServiceDefinition)
    protocol, description = service(Scope(document), item)
    return protocol.lines, description.lines


def test_a_method_of_each_mode() -> None:
    protocol, _ = pieces(
        "struct A {} service S { A One(1: A a) /** Doc. */ A Down(1: A a) (streaming.mode='server')"
        " A Up(1: A a) (streaming.mode='client') A Both(1: A a) (streaming.mode='bidirectional') oneway void Away() }"
    )
    assert protocol == [
        "class S(Protocol):",
        "    async def one(self, a: A) -> A: ...",
        "",
        "    def down(self, a: A) -> AsyncGenerator[A, None]:",
        '        """Doc."""',
        "        ...",
        "",
        "    async def up(self, as_: AsyncIterator[A]) -> A: ...",
        "",
        "    def both(self, as_: AsyncIterator[A]) -> AsyncGenerator[A, None]: ...",
        "",
        "    async def away(self) -> None: ...",
    ]


def test_arguments_that_can_be_left_out_are_those_at_the_end() -> None:
    protocol, description = pieces("service S { void F(1: i32 a = 1, 2: i32 b, 3: optional i32 c, 4: string d = 'x') }")
    assert protocol[1] == ('    async def f(self, a: I32, b: I32, c: I32 | None = None, d: str = "x") -> None: ...')
    assert '1: ("a", I32, 1)' in "".join(description)
    assert '3: ("c", I32 | None)' in "".join(description)


def test_names_that_stand_in_the_way_of_types_give_way() -> None:
    protocol, description = pieces("struct get {} service S { list<i32> List(1: get self) get Get() void Pass() }")
    assert protocol[1:] == [
        "    async def list_(self, self_: get) -> list[I32]: ...",
        "",
        "    async def get_(self) -> get: ...",
        "",
        "    async def pass_(self) -> None: ...",
    ]
    text = " ".join(description)
    assert all(f'attribute="{name}"' in text for name in ("list_", "get_", "pass_"))


def test_the_description_names_everything_once() -> None:
    document = idl.parse(
        "namespace go a.b exception X {} service Old {} service New extends Old { i32 F() throws (2: X x) }"
    )
    item = document.definitions[-1]
    assert isinstance(item, ServiceDefinition)
    protocol, description = service(Scope(document), item)
    assert protocol.lines[0] == "class New(Old, Protocol):"
    assert protocol.needs == {"Old"}
    assert description.name == "NEW"
    assert description.needs == {"New", "X", "OLD"}
    assert " ".join(line.strip() for line in description.lines) == (
        'NEW: Final = service(New, method("F", returns=I32, throws={2: ("x", X)}), package="a.b", extends=OLD)'
    )


def test_a_service_whose_name_python_needs_keeps_it_on_the_wire() -> None:
    protocol, description = pieces("service Protocol {}")
    assert protocol == ["class Protocol_(Protocol):", "    pass"]
    assert description == ['PROTOCOL: Final = service(Protocol_, name="Protocol", package="")']


def test_a_long_signature_has_an_argument_a_line() -> None:
    arguments = ", ".join(f"{n}: string argument_number_{n}" for n in range(1, 7))
    document = idl.parse(f"service S {{ void F({arguments}) }}")
    item = document.definitions[0]
    assert isinstance(item, ServiceDefinition)
    lines = signature(Scope(document), item, item.functions[0], " ...")
    assert lines[0] == "    async def f("
    assert lines[-1] == "    ) -> None: ..."
    assert argument_name(item.functions[0], item.functions[0].arguments[0]) == "argument_number_1"


def test_a_service_named_like_a_constant_is_described_under_another_name() -> None:
    document = idl.parse("service API {} service Sub extends API {}")
    pieces = [piece for item in document.services() for piece in service(Scope(document), item)]
    assert [piece.name for piece in pieces] == ["API", "API_SERVICE", "Sub", "SUB"]
    assert "extends=API_SERVICE" in pieces[-1].lines[0]
