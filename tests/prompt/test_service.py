"""Prompts are written, kept and run, over a real SQLite and a model that plays a script."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from promptwire.api.llm import (
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    Parameters,
    Simulate,
    TokenCount,
)
from promptwire.api.message import Delta, Done, Event, Message, Start, Tool, Usage
from promptwire.api.prompt import (
    Content,
    CreatePromptRequest,
    DeletePromptRequest,
    GetPromptRequest,
    ListPromptsRequest,
    RunRequest,
    UpdateDraftRequest,
    Variable,
)
from promptwire.api.version import Label, Version
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.history import History
from promptwire.prompt.service import PromptService
from promptwire.prompt.store import PromptStore
from promptwire.template.languages import Languages
from servers import migrated

DONE = Done(finish_reason="stop", usage=Usage(output_tokens=1), duration_ms=1.0)


class ScriptedLLM:
    """Plays ``script`` to every request, notes the requests and whether the reader closed the stream."""

    def __init__(self, *script: Event | Failure) -> None:
        self.script = script or (Start(run_id="r1", model="m", trace_id="t1"), Delta(text="hi"), DONE)
        self.requests: list[ChatRequest] = []
        self.closed = 0

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        try:
            for event in self.script:
                if isinstance(event, Failure):
                    raise event
                yield event
        finally:
            self.closed += 1

    async def chat(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        return ListModelsReply(models=[])


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(f"sqlite:///{tmp_path}/promptwire.db") as database:
        yield database


@pytest.fixture
def store(database: Database) -> PromptStore:
    return PromptStore(database)


@pytest.fixture
def history(database: Database) -> History:
    return History(database)


@pytest.fixture
def llm() -> ScriptedLLM:
    return ScriptedLLM()


@pytest.fixture
def languages() -> Iterator[Languages]:
    languages = Languages()
    yield languages
    languages.close()


@pytest.fixture
def service(store: PromptStore, history: History, llm: ScriptedLLM, languages: Languages) -> PromptService:
    return PromptService(store, history, llm, languages)


def says(text: str, model: str = "m") -> Content:
    return Content(messages=[Message(role="user", content=text)], model=model)


async def run(service: PromptService, request: RunRequest) -> list[Event]:
    async with aclosing(service.run(request)) as events:
        return [event async for event in events]


async def test_a_prompt_is_kept_as_it_was_written(service: PromptService) -> None:
    draft = Content(
        messages=[Message(role="system", content="{{b}}{{a}}")],
        model="m",
        parameters=Parameters(temperature=0.5, stop=["x"]),
        tools=[Tool(name="f", parameters=msgspec.Raw(b'{"type":"object"}'))],
        tool_choice=msgspec.Raw(b'"auto"'),
        variables=[Variable(name="a", type="integer", default_=msgspec.Raw(b"1"))],
    )
    created = await service.create_prompt(CreatePromptRequest(key="k", name="N", description="D", draft=draft))
    assert (created.revision, created.variables) == (1, ["b", "a"])
    read = await service.get_prompt(GetPromptRequest(key="k"))
    assert msgspec.json.encode(read) == msgspec.json.encode(created)
    assert (read.key, read.name, read.description) == ("k", "N", "D")
    assert msgspec.json.encode(read.draft) == msgspec.json.encode(draft)


@pytest.mark.parametrize("key", ["", "-a", "a b", "a/b", "ключ", "a" * 101, "a\n"])
async def test_a_key_must_fit_a_path(service: PromptService, key: str) -> None:
    with pytest.raises(Failure, match="key") as caught:
        await service.create_prompt(CreatePromptRequest(key=key))
    assert caught.value.class_ == "invalid_request"


async def test_a_key_is_taken_once(service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("first")))
    with pytest.raises(Failure) as caught:
        await service.create_prompt(CreatePromptRequest(key="k", draft=says("second")))
    assert caught.value.class_ == "conflict"
    assert (await service.get_prompt(GetPromptRequest(key="k"))).draft == says("first")


async def test_the_last_edited_prompt_is_listed_first(service: PromptService) -> None:
    for key in ("a", "b", "c"):
        await service.create_prompt(CreatePromptRequest(key=key))
    await service.update_draft(UpdateDraftRequest(key="a", draft=says("x")))
    reply = await service.list_prompts(ListPromptsRequest())
    assert [prompt.key for prompt in reply.prompts] == ["a", "c", "b"]


async def test_an_edit_of_the_newest_revision_is_kept(service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", name="N", description="D"))
    edited = await service.update_draft(UpdateDraftRequest(key="k", draft=says("{{v}}"), revision=1, name="M"))
    assert (edited.revision, edited.name, edited.description, edited.variables) == (2, "M", "D", ["v"])
    assert edited.updated_at >= edited.created_at


async def test_an_edit_of_an_older_revision_is_a_conflict_and_loses_nothing(service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="k"))
    await service.update_draft(UpdateDraftRequest(key="k", draft=says("theirs"), revision=1))
    with pytest.raises(Failure, match="revision 2") as caught:
        await service.update_draft(UpdateDraftRequest(key="k", draft=says("mine"), revision=1))
    assert caught.value.class_ == "conflict"
    assert (await service.get_prompt(GetPromptRequest(key="k"))).draft == says("theirs")


async def test_an_unknown_prompt_is_named(service: PromptService) -> None:
    for attempt in (
        service.get_prompt(GetPromptRequest(key="nope")),
        service.update_draft(UpdateDraftRequest(key="nope", draft=Content())),
        run(service, RunRequest(key="nope")),
    ):
        with pytest.raises(Failure, match="'nope'") as caught:
            await attempt
        assert caught.value.class_ == "not_found"


async def test_a_run_renders_and_relays_and_says_which_prompt_it_is(service: PromptService, llm: ScriptedLLM) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("say {{a}}")))
    request = RunRequest(
        key="k",
        variables={"a": msgspec.Raw(b'"hi"')},
        messages=[Message(role="user", content="{{more}}")],
        simulate=Simulate(tokens=3),
    )
    assert await run(service, request) == [
        Start(run_id="r1", model="m", trace_id="t1", prompt="k", version="draft"),
        Delta(text="hi"),
        DONE,
    ]
    [asked] = llm.requests
    assert [message.content for message in asked.messages] == ["say hi", "{{more}}"]
    assert (asked.model, asked.simulate) == ("m", Simulate(tokens=3))


async def test_what_is_on_the_screen_is_what_runs(service: PromptService, llm: ScriptedLLM) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("stored")))
    await run(service, RunRequest(key="k", draft=says("on the screen", model="other")))
    assert (llm.requests[0].model, llm.requests[0].messages[0].content) == ("other", "on the screen")


async def test_a_version_or_a_label_says_what_runs(service: PromptService, history: History, llm: ScriptedLLM) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("one")))
    version = Version(version="", branch="main", message="", author="", parents=[], created_at="")
    await history.commit("k", None, version, base=None)
    await service.update_draft(UpdateDraftRequest(key="k", draft=says("two")))
    label = Label(name="production", version="1", moved_at="", moved_by="")
    await history.move_label("k", label, reason="", was=None, keep=False)
    for request in (RunRequest(key="k", version="1"), RunRequest(key="k", label="production")):
        [start, *_] = await run(service, request)
        assert isinstance(start, Start)
        assert (start.version, llm.requests[-1].messages[0].content) == ("1", "one")
    with pytest.raises(Failure, match="no label 'beta'"):
        await run(service, RunRequest(key="k", label="beta"))


async def test_a_run_may_choose_another_model_and_other_parameters(service: PromptService, llm: ScriptedLLM) -> None:
    draft = says("one")
    draft.parameters = Parameters(temperature=0.5, max_tokens=10)
    await service.create_prompt(CreatePromptRequest(key="k", draft=draft))
    for given, taken in (
        (None, draft.parameters),
        (Parameters(temperature=0.0), Parameters(temperature=0.0, max_tokens=10)),
        (Parameters(stop=[]), Parameters(temperature=0.5, max_tokens=10, stop=[])),
    ):
        await run(service, RunRequest(key="k", model="other", parameters=given))
        assert (llm.requests[-1].model, llm.requests[-1].parameters) == ("other", taken)
    await run(service, RunRequest(key="k", draft=says("x", model=""), model="m", parameters=Parameters(seed=1)))
    assert llm.requests[-1].parameters == Parameters(seed=1)


async def test_a_prompt_is_filed_and_deleted(service: PromptService) -> None:
    made = await service.create_prompt(CreatePromptRequest(key="k", tags=["b", "b"], folder=" x/ y"))
    assert (made.tags, made.folder) == (["b"], "x/y")
    kept = await service.update_draft(UpdateDraftRequest(key="k", draft=says("x")))
    assert (kept.tags, kept.folder) == (["b"], "x/y")
    moved = await service.update_draft(UpdateDraftRequest(key="k", draft=says("x"), tags=[], folder="z"))
    assert (moved.tags, moved.folder) == ([], "z")
    await service.delete_prompt(DeletePromptRequest(key="k"))
    await service.welcome()
    assert (await service.list_prompts(ListPromptsRequest())).prompts == []


async def test_a_default_stands_in_for_a_value(service: PromptService, llm: ScriptedLLM) -> None:
    draft = says("{{a}} {{b}}")
    draft.variables = [Variable(name="a", default_=msgspec.Raw(b'"default"')), Variable(name="b")]
    await service.create_prompt(CreatePromptRequest(key="k", draft=draft))
    await run(service, RunRequest(key="k", variables={"b": msgspec.Raw(b'"2"')}))
    assert llm.requests[0].messages[0].content == "default 2"


async def test_a_jinja_prompt_renders_in_its_worker(service: PromptService, llm: ScriptedLLM) -> None:
    draft = says("{% for x in xs %}{{ x }};{% endfor %}")
    draft.engine = "jinja2"
    created = await service.create_prompt(CreatePromptRequest(key="k", draft=draft))
    assert created.variables == ["xs"]
    await run(service, RunRequest(key="k", variables={"xs": msgspec.Raw(b'["{{ 7*7 }}", 2]')}))
    assert llm.requests[0].messages[0].content == "{{ 7*7 }};2;"


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (says("{{a}}"), "missing variables: a"),
        (says("x", model=""), "no model"),
        (Content(model="m"), "no messages"),
    ],
)
async def test_a_run_that_cannot_be_never_reaches_the_model(
    service: PromptService, llm: ScriptedLLM, draft: Content, said: str
) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=draft))
    with pytest.raises(Failure, match=said) as caught:
        await run(service, RunRequest(key="k"))
    assert (caught.value.class_, llm.requests) == ("invalid_request", [])


async def test_a_failure_of_the_model_reaches_the_reader_as_it_is(
    store: PromptStore, history: History, languages: Languages
) -> None:
    failure = Failure("upstream_cut", "gone", phase="mid_stream", vendor="v")
    service = PromptService(store, history, ScriptedLLM(Delta(text="a"), failure), languages)
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("x")))
    with pytest.raises(Failure) as caught:
        await run(service, RunRequest(key="k"))
    assert caught.value is failure


async def test_a_reader_that_leaves_closes_the_models_stream(service: PromptService, llm: ScriptedLLM) -> None:
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("x")))
    async with aclosing(service.run(RunRequest(key="k"))) as events:
        assert isinstance(await anext(events), Start)
        assert llm.closed == 0
    assert llm.closed == 1


async def test_a_newcomer_finds_a_prompt_that_runs_and_others_are_left_alone(service: PromptService) -> None:
    await service.welcome()
    await service.welcome()
    [demo] = (await service.list_prompts(ListPromptsRequest())).prompts
    assert (demo.key, demo.draft.model) == ("demo", "simulated/typewriter")
    assert isinstance((await run(service, RunRequest(key="demo")))[-1], Done)


async def test_who_has_a_prompt_gets_no_demo(service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="mine"))
    await service.welcome()
    assert [prompt.key for prompt in (await service.list_prompts(ListPromptsRequest())).prompts] == ["mine"]


async def test_snippets_are_put_in_before_a_run_and_their_variables_are_asked_for(
    service: PromptService, llm: ScriptedLLM
) -> None:
    await service.create_prompt(CreatePromptRequest(key="tone", kind="snippet", draft=says("Be {{mood}}.")))
    created = await service.create_prompt(CreatePromptRequest(key="k", draft=says("{{> tone}} Go.")))
    assert (created.kind, created.variables) == ("chat", ["mood"])
    await run(service, RunRequest(key="k", variables={"mood": msgspec.Raw(b'"{{> tone}}"')}))
    assert llm.requests[0].messages[0].content == "Be {{> tone}}. Go."


async def test_a_draft_with_a_circle_may_be_kept_and_is_not_run(service: PromptService, llm: ScriptedLLM) -> None:
    await service.create_prompt(CreatePromptRequest(key="a", kind="snippet", draft=says("{{> b}}")))
    await service.create_prompt(CreatePromptRequest(key="b", kind="snippet", draft=says("{{> a}}")))
    with pytest.raises(Failure, match="a → b → a"):
        await run(service, RunRequest(key="a"))
    assert llm.requests == []


async def test_a_text_stays_one_template(service: PromptService) -> None:
    two = Content(messages=[Message(role="system", content="a"), Message(role="user", content="b")])
    with pytest.raises(Failure, match="one template"):
        await service.create_prompt(CreatePromptRequest(key="t", kind="text", draft=two))
    created = await service.create_prompt(CreatePromptRequest(key="t", kind="text", draft=says("a")))
    assert created.kind == "text"
    with pytest.raises(Failure, match="one template"):
        await service.update_draft(UpdateDraftRequest(key="t", draft=two))


async def test_a_prompt_is_deleted_with_its_versions_unless_others_include_it(
    service: PromptService, history: History
) -> None:
    await service.create_prompt(CreatePromptRequest(key="tone", kind="snippet", draft=says("kind")))
    await service.create_prompt(CreatePromptRequest(key="k", draft=says("{{> tone}}")))
    commit = Version(version="", branch="main", message="", author="", parents=[], created_at="")
    await history.commit("tone", None, commit, base=None)
    label = Label(name="x", version="1", moved_at="", moved_by="")
    await history.move_label("tone", label, reason="", was=None, keep=False)
    with pytest.raises(Failure, match=r"k \(draft\)"):
        await service.delete_prompt(DeletePromptRequest(key="tone"))
    await service.delete_prompt(DeletePromptRequest(key="k"))
    await service.delete_prompt(DeletePromptRequest(key="tone"))
    with pytest.raises(Failure, match="no prompt"):
        await history.versions("tone")
    with pytest.raises(Failure, match="no prompt"):
        await service.delete_prompt(DeletePromptRequest(key="tone"))
