"""The workbench of one prompt as a hand and an eye use it."""

from __future__ import annotations

import json
import re
from typing import Any, Final, cast

from playwright.sync_api import Locator, Page, Route, expect

from journeys.native import ask, post
from journeys.served import Served

# Each frame in which the answer was longer than in the one before is a paint a person sees.
WATCH_PAINTS: Final = """
window.paints = [];
let grown = false;
new MutationObserver(() => { grown = true; })
  .observe(document, {subtree: true, childList: true, characterData: true});
const look = () => {
  const length = document.querySelector('[data-answer]')?.textContent.length ?? 0;
  if (grown && length > (window.paints.at(-1) ?? 0)) window.paints.push(length);
  grown = false;
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


class Bench:
    """One prompt in one tab."""

    def __init__(self, page: Page, served: Served, key: str) -> None:
        self.page = page
        self.served = served
        self.key = key
        self._also: dict[str, Any] = {}

    def create(self, model: str = "simulated/typewriter", content: str = "Tell me about {{topic}}.") -> None:
        """Make the prompt, by the API."""
        draft = {"messages": [{"role": "user", "content": content}], "model": model}
        status, said = post(self.served, "/api/prompts", {"key": self.key, "name": "A short lecture", "draft": draft})
        assert status == 200, said

    def stored(self, user: str = "") -> dict[str, Any]:
        """The prompt as the server has it for ``user``."""
        status, prompt = ask(self.served, "GET", f"/api/prompts/{self.key}", user=user)
        assert status == 200, prompt
        return prompt

    def ask_also(self, **fields: Any) -> None:
        """Put these fields into every run that the page asks for: what only a test says."""
        self._also |= fields
        self.page.unroute("**/run")
        self.page.route("**/run", self._ask)

    def answer_long(self) -> None:
        """From now on simulated answers take minutes, however slow the machine and its hand are."""
        self.ask_also(simulate={"tokens": 10_000})

    def _ask(self, route: Route) -> None:
        asked = cast("dict[str, Any]", route.request.post_data_json)
        route.continue_(post_data=json.dumps(asked | self._also))

    def open(self) -> None:
        """Go to its page."""
        self.page.goto(f"{self.served.url}/prompts/{self.key}")
        expect(self.messages.first).to_be_visible()

    @property
    def messages(self) -> Locator:
        """The text fields of the messages."""
        return self.page.locator(".cm-content")

    @property
    def answer(self) -> Locator:
        """The text of the answer."""
        return self.page.locator("[data-answer]")

    @property
    def error(self) -> Locator:
        """The error card."""
        return self.page.get_by_role("region", name=re.compile("Answer|回答")).get_by_role("alert")

    def expect_saved(self, state: str = "saved") -> None:
        """Wait until the page says so."""
        expect(self.page.locator("[data-save]")).to_have_attribute("data-save", state)

    def write(self, text: str, message: int = 0) -> None:
        """Type at the end of a message."""
        self.messages.nth(message).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def set_variable(self, name: str, value: str) -> None:
        """Fill the field of a variable."""
        self.page.get_by_label(name, exact=True).fill(value)

    def choose_model(self, id: str) -> None:
        """Choose a model by typing its whole name."""
        self.page.get_by_role("button", name="Model:").click()
        self.page.get_by_placeholder("Find a model").fill(id)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name=f"Model: {id}")).to_be_visible()

    def run(self) -> None:
        """Press Run."""
        self.page.get_by_role("button", name=re.compile("^(Run|运行)( Ctrl.*)?$")).click()

    def stop(self) -> None:
        """Press Stop."""
        self.page.get_by_role("button", name=re.compile("^(Stop|停止)( Esc)?$")).click()

    def expect_done(self) -> None:
        """Wait until the answer is complete."""
        expect(self.page.get_by_text(re.compile("^(Complete|完成)$"))).to_be_visible(timeout=30_000)
