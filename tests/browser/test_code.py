"""What the page runs, copied as code and run by the programs it is written for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.native import post
from promptwire.client.sse import server_events

Picture = Callable[[Page, str], None]

CONSOLE: Final = Path(__file__).parents[2] / "console"
NASTY: Final = 'it\'s a "quoted" `word` with $HOME, \\back\\slashes\nand 中文 {{topic}}'
TRANSPILE: Final = """
import ts from "typescript";
let code = "";
for await (const chunk of process.stdin) code += chunk;
const target = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
process.stdout.write(ts.transpileModule(code, { compilerOptions: target }).outputText);
"""


def executed(*command: str, standard_input: str = "") -> str:
    """What a program prints."""
    done = subprocess.run(
        command, check=False, input=standard_input, capture_output=True, text=True, timeout=60, cwd=CONSOLE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl(code: str) -> str:
    """The answer that curl receives."""
    return "".join(texts(executed("bash", "-c", code)))


def texts(stream: str) -> Iterator[str]:
    """The texts in a stream of events, ours or OpenAI's."""
    for event in server_events(stream.encode().splitlines(keepends=True)):
        if event.data == b"[DONE]":
            continue
        data: dict[str, Any] = json.loads(event.data)
        if event.name == "delta":
            yield data["text"]
        for choice in data.get("choices", []):
            yield choice["delta"].get("content") or ""


def python(code: str) -> str:
    """What Python prints."""
    return executed(sys.executable, "-c", code)


def typescript(code: str) -> str:
    """What Node prints."""
    plain = executed("node", "--input-type=module", "-e", TRANSPILE, standard_input=code)
    return executed("node", "--input-type=module", "-", standard_input=plain)


RUNNERS: Final[dict[str, Callable[[str], str]]] = {"curl": curl, "Python": python, "TypeScript": typescript}
DIALECTS: Final = ("Promptwire", "OpenAI-compatible")
SAYABLE: Final = [(language, dialect) for language in RUNNERS for dialect in DIALECTS]


def copied(bench: Bench, language: str, dialect: str) -> str:
    """The code, as the page shows it."""
    page = bench.page
    page.get_by_role("button", name=language, exact=True).click()
    page.get_by_label("API", exact=True).click()
    page.get_by_role("option", name=dialect).click()
    return page.locator("[data-code]").inner_text()


@pytest.mark.needs("node")
@pytest.mark.parametrize(("language", "dialect"), SAYABLE)
def test_the_code_says_what_the_page_says(bench: Bench, picture: Picture, language: str, dialect: str) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    bench.set_variable("topic", NASTY)
    bench.expect_saved()
    bench.run()
    bench.expect_done()
    page.get_by_role("button", name="Copy as code").click()
    assert RUNNERS[language](copied(bench, language, dialect)) == f"Tell me about {NASTY}."
    picture(page, "code")


@pytest.mark.needs("node")
def test_a_version_and_a_conversation_are_in_the_code(bench: Bench) -> None:
    page = bench.page
    content = {"messages": [{"role": "user", "content": "One: {{topic}}"}], "model": "simulated/echo"}
    path = f"/api/prompts/{bench.key}/versions"
    assert post(bench.served, path, {"version": "1.0.0", "content": content})[0] == 200
    page.reload()
    bench.set_variable("topic", "ink")
    page.get_by_role("button", name="Copy as code").click()
    page.get_by_role("dialog").get_by_label("What runs").click()
    page.get_by_role("option", name="1.0.0").click()
    for language, dialect in SAYABLE:
        assert RUNNERS[language](copied(bench, language, dialect)) == "One: ink"
    page.keyboard.press("Escape")
    bench.choose_model("simulated/echo")
    page.get_by_role("button", name="Conversation").click()
    page.get_by_label("Next message").fill("Why's that?")
    page.get_by_label("Next message").press("Enter")
    expect(page.locator("[data-turn]")).to_have_count(2)
    bench.expect_saved()
    page.get_by_role("button", name="Copy as code").click()
    for language, dialect in SAYABLE:
        assert RUNNERS[language](copied(bench, language, dialect)) == "Why's that?"


@pytest.mark.needs("node")
def test_the_reference_pane_is_the_code_of_a_comparison(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "wax")
    panes = '[{"model":"simulated/echo","parameters":{"max_tokens":4}},{}]'
    page.goto(f"{bench.served.url}/prompts/{bench.key}?panes={panes}")
    page.get_by_role("button", name="Copy as code").click()
    expect(page.get_by_text("OpenAI's API has no words")).to_be_visible()
    for language, runner in RUNNERS.items():
        page.get_by_role("button", name=language, exact=True).click()
        assert runner(page.locator("[data-code]").inner_text()) == "Tell me "
