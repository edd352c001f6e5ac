"""Contents of prompts, made up: for tests of what must hold of any of them."""

from typing import Any, Final

from hypothesis import strategies as st
from msgspec import Raw, json

from promptwire.api.llm import Parameters
from promptwire.api.message import Message, Tool
from promptwire.api.prompt import Content, Variable
from promptwire.api.tool import Binding, Mock, MockRule, Recording

texts = st.lists(st.sampled_from(["one", "two", "three", "four", ""]), max_size=4).map("\n".join)
messages = st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=texts)
variables = st.lists(
    st.builds(Variable, name=st.sampled_from("abc"), description=texts, needed=st.booleans()),
    max_size=3,
    unique_by=lambda variable: variable.name,
)
MEMBERS: Final[list[Any]] = ["object", 1, ["a"], [{"name": {}}], {"messages": ["x"]}, {"city": {"type": "string"}}]


def _raw(value: Any) -> Raw:
    return Raw(json.encode(value))


names = st.sampled_from(["type", "properties", "variables", "messages", "tools", "enum"])
schemas = st.dictionaries(names, st.sampled_from(MEMBERS), max_size=3).map(_raw)
tools = st.lists(
    st.builds(Tool, name=st.sampled_from("fgh"), description=texts, parameters=schemas),
    max_size=3,
    unique_by=lambda tool: tool.name,
)
mocks = st.none() | st.builds(
    Mock,
    kind=st.sampled_from(["fixed", "rule", "recorded"]),
    reply=st.none() | texts,
    rules=st.none() | st.lists(st.builds(MockRule, reply=texts), max_size=3),
    recordings=st.none()
    | st.lists(
        st.builds(Recording, arguments=st.sampled_from(["{}", '{"a":1}']), reply=texts),
        max_size=2,
        unique_by=lambda recording: recording.arguments,
    ),
)
bindings = st.none() | st.lists(
    st.builds(Binding, name=st.sampled_from("abc"), mock=mocks),
    max_size=3,
    unique_by=lambda binding: binding.name,
)
contents = st.builds(
    Content,
    messages=st.lists(messages, max_size=4),
    model=st.sampled_from(["", "m", "n"]),
    parameters=st.none() | st.builds(Parameters, temperature=st.sampled_from([None, 0.0, 1.0])),
    variables=variables,
    tools=st.none() | tools,
    tool_choice=st.sampled_from([None, Raw(b'"auto"'), Raw(b'{"name":"f"}')]),
    response_format=st.none() | schemas,
    bindings=bindings,
)
