"""A conversation with a prompt: turns that are written, changed, answered anew, and branched from."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Locator, Page, expect

from browser.bench import Bench
from browser.test_tools import CALL, add_weather, choose, rewrite
from browser.vendor import Vendor

Picture = Callable[[Page, str], None]
PIXEL: Final = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def begin(bench: Bench) -> None:
    """A conversation with a model that says back what was said last."""
    bench.choose_model("simulated/echo")
    bench.set_variable("topic", "looms")
    bench.page.get_by_role("button", name="Conversation").click()
    bench.run()
    expect(turns(bench)).to_have_text(["Tell me about looms."])


def turns(bench: Bench) -> Locator:
    """What was said after the prompt."""
    return bench.page.locator("[data-turn] p")


def say(bench: Bench, text: str) -> None:
    """Write the next message and send it."""
    field = bench.page.get_by_label("Next message")
    field.fill(text)
    field.press("Enter")


def act(bench: Bench, turn: int, name: str) -> None:
    """Press a key of a turn."""
    row = bench.page.locator("[data-turn]").nth(turn)
    row.hover()
    row.get_by_role("button", name=name).click()


def test_an_answer_is_a_turn_and_the_next_message_follows_it(bench: Bench, picture: Picture) -> None:
    begin(bench)
    say(bench, "And the weavers?")
    expect(turns(bench)).to_have_text(["Tell me about looms.", "And the weavers?", "And the weavers?"])
    picture(bench.page, "conversation")
    bench.page.reload()
    expect(turns(bench)).to_have_count(3)
    assert "talk=true" in bench.page.url


def test_a_turn_is_changed_answered_anew_and_deleted(bench: Bench) -> None:
    page = bench.page
    begin(bench)
    say(bench, "one")
    expect(turns(bench)).to_have_count(3)
    act(bench, 1, "Edit this turn")
    page.get_by_label("Text of the User turn").fill("two")
    page.get_by_role("button", name="Keep").click()
    act(bench, 2, "Answer again, in a new branch")
    expect(turns(bench)).to_have_text(["Tell me about looms.", "two", "two"])
    expect(page.get_by_text("Branch 2 of 2")).to_be_visible()
    page.get_by_role("button", name="The branch before").click()
    expect(turns(bench)).to_have_text(["Tell me about looms.", "two", "one"])
    act(bench, 2, "Delete this turn")
    expect(turns(bench)).to_have_text(["Tell me about looms.", "two"])


def test_a_branch_leaves_the_rest_where_it_was(bench: Bench) -> None:
    page = bench.page
    begin(bench)
    say(bench, "one")
    expect(turns(bench)).to_have_count(3)
    act(bench, 0, "Branch from here")
    expect(turns(bench)).to_have_text(["Tell me about looms."])
    say(bench, "other")
    expect(turns(bench)).to_have_text(["Tell me about looms.", "other", "other"])
    page.get_by_role("button", name="The branch before").click()
    expect(turns(bench)).to_have_text(["Tell me about looms.", "one", "one"])


def test_what_was_said_goes_along_in_every_mode_until_it_is_left_out(bench: Bench) -> None:
    page = bench.page
    begin(bench)
    say(bench, "and now")
    expect(turns(bench)).to_have_count(3)
    page.get_by_role("button", name="Conversation").click()
    expect(page.get_by_text("sends the 2 messages of the conversation too")).to_be_visible()
    bench.run()
    expect(bench.answer).to_have_text("and now")
    page.get_by_role("button", name="Leave out").click()
    bench.run()
    expect(bench.answer).to_have_text("Tell me about looms.")
    page.get_by_role("button", name="Conversation").click()
    page.get_by_role("button", name="The branch before").click()
    expect(turns(bench)).to_have_count(3)


def test_stop_keeps_what_was_said_so_far(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "stopping")
    page.get_by_role("button", name="Conversation").click()
    bench.run()
    expect(bench.answer).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(turns(bench)).to_have_count(1)
    expect(turns(bench)).to_contain_text("You")


def test_a_message_carries_pictures_by_upload_address_and_paste(bench: Bench, vendor: Vendor, picture: Picture) -> None:
    page = bench.page
    bench.choose_model("openai/simulated/echo")
    bench.set_variable("topic", "looms")
    page.get_by_role("button", name="Conversation").click()
    talk = page.get_by_role("region", name="Conversation")
    talk.get_by_role("button", name="Add a picture, file or part").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Picture from this computer").click()
    image = base64.b64decode(PIXEL.partition(",")[2])
    chooser.value.set_files({"name": "dot.gif", "mimeType": "image/gif", "buffer": image})
    talk.get_by_role("button", name="Add a picture, file or part").click()
    page.get_by_role("menuitem", name="Picture by its address").click()
    talk.get_by_label("Address of picture 2").fill("https://pictures.example/loom.png")
    page.get_by_label("Next message").focus()
    page.evaluate(
        """async (url) => {
          const data = new DataTransfer();
          data.items.add(new File([await (await fetch(url)).blob()], "pasted.gif", {type: "image/gif"}));
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }""",
        PIXEL,
    )
    expect(talk.get_by_role("list", name="Parts").get_by_role("listitem")).to_have_count(3)
    say(bench, "What is on these?")
    expect(page.locator("[data-turn=assistant]")).to_have_count(1)
    shown = page.locator("[data-turn=user]").get_by_role("img")
    expect(shown).to_have_count(3)
    picture(page, "conversation-parts")
    said = vendor.last_asked["messages"][-1]["content"]
    assert [part["type"] for part in said] == ["text", "image_url", "image_url", "image_url"]
    urls = [part["image_url"]["url"] for part in said[1:]]
    assert urls == [PIXEL, "https://pictures.example/loom.png", PIXEL]
    act(bench, 0, "Edit this turn")
    page.locator("[data-turn=user]").get_by_role("button", name="Remove part").first.click()
    page.get_by_role("button", name="Keep").click()
    expect(shown).to_have_count(2)


def test_tool_calls_are_turns_and_the_conversation_goes_on_with_them(
    bench: Bench, vendor: Vendor, picture: Picture
) -> None:
    page = bench.page
    bench.choose_model("openai/simulated/echo")
    rewrite(bench, CALL)
    add_weather(page, mock="sun")
    page.get_by_role("button", name="Conversation").click()
    bench.run()
    expect(page.locator("[data-turn]")).to_have_count(3)
    expect(page.locator("[data-turn=assistant]").first.locator("[data-call=weather]")).to_contain_text("Oslo")
    expect(page.locator("[data-turn=tool]")).to_contain_text("sun")
    say(bench, "Thank you.")
    expect(page.locator("[data-turn]")).to_have_count(5)
    picture(page, "conversation-tools")
    sent = vendor.last_asked["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "assistant", "user"]
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"]
    page.reload()
    expect(page.locator("[data-turn]")).to_have_count(5)
    act(bench, 1, "Delete this turn")
    expect(page.locator("[data-turn]")).to_have_count(3)
    expect(page.locator("[data-turn=tool]")).to_have_count(0)


def test_a_conversation_is_stepped_through(bench: Bench) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    rewrite(bench, CALL)
    add_weather(page, mock="sun")
    choose(page, "Who answers in your runs", "Step by step")
    page.get_by_role("button", name="Conversation").click()
    bench.run()
    page.get_by_label("Reply of weather").fill("snow in May")
    expect(page.locator("[data-turn]")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-turn]")).to_have_count(3)
    expect(page.locator("[data-turn=tool]")).to_contain_text("snow in May")
    expect(page.locator("[data-turn=assistant]").last).to_contain_text("The tools replied: “snow in May”.")
