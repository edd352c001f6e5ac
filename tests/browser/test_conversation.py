"""A conversation with a prompt: turns that are written, changed, answered anew, and branched from."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from browser.bench import Bench

Picture = Callable[[Page, str], None]


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
