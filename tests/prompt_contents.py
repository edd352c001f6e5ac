"""Contents of prompts, made up: for tests of what must hold of any of them."""

from hypothesis import strategies as st

from promptwire.api.llm import Parameters
from promptwire.api.message import Message
from promptwire.api.prompt import Content, Variable

texts = st.lists(st.sampled_from(["one", "two", "three", "four", ""]), max_size=4).map("\n".join)
messages = st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=texts)
variables = st.lists(
    st.builds(Variable, name=st.sampled_from("abc"), description=texts, needed=st.booleans()),
    max_size=3,
    unique_by=lambda variable: variable.name,
)
contents = st.builds(
    Content,
    messages=st.lists(messages, max_size=4),
    model=st.sampled_from(["", "m", "n"]),
    parameters=st.none() | st.builds(Parameters, temperature=st.sampled_from([None, 0.0, 1.0])),
    variables=variables,
)
