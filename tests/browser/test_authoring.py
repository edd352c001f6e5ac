"""A prompt is written: in a template language, with pictures and snippets, as a form, and seen as it will be sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from browser.bench import Bench
from browser.vendor import Vendor
from journeys.native import ask, post, put

Picture = Callable[[Page, str], None]

# A square of 32 by 32 pixels, so that a thumbnail shows something.
PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKUlEQVR42u3NMQEAAAgDINc/9Czh4wMFSNtmFovFYrFYLBaLxWKx2PsFqNQAf4kZs1UAAAAASUVORK5CYII="
)


def snippet(bench: Bench, key: str, text: str, *, commit: bool = True) -> str:
    """A snippet, whose key is made of the prompt's own."""
    key = f"{bench.key}-{key}"
    draft = {"messages": [{"role": "user", "content": text}], "model": "simulated/echo"}
    body = {"key": key, "name": key.title(), "kind": "snippet", "draft": draft}
    assert post(bench.served, "/api/prompts", body)[0] == 200
    if commit:
        assert post(bench.served, f"/api/prompts/{key}/versions", {})[0] == 200
    return key


def choose(bench: Bench, control: str, option: str) -> None:
    bench.page.get_by_role("combobox", name=control).first.click()
    bench.page.get_by_role("option", name=option, exact=True).click()


def messages(bench: Bench) -> list[dict[str, Any]]:
    return bench.stored()["draft"]["messages"]


def test_variables_are_those_of_the_template_language(bench: Bench) -> None:
    page = bench.page
    bench.write(" {% for x in stops %}{{ x }} {% endfor %}")
    expect(page.get_by_label("stops", exact=True)).to_have_count(0)
    expect(page.get_by_label("x", exact=True)).to_be_visible()
    choose(bench, "Template language", "Jinja2")
    expect(page.get_by_label("stops", exact=True)).to_be_visible()
    expect(page.get_by_label("x", exact=True)).to_have_count(0)
    expect(page.get_by_text("Conditions, loops and filters, in a sandbox")).to_be_visible()
    page.get_by_role("button", name="About stops").click()
    choose(bench, "Type", "List of texts")
    page.keyboard.press("Escape")
    bench.set_variable("topic", "trams")
    bench.set_variable("stops", '["a", "b"]')
    bench.choose_model("simulated/echo")
    bench.run()
    expect(bench.answer).to_contain_text("Tell me about trams. a b")
    bench.expect_saved()
    assert bench.stored()["draft"]["engine"] == "jinja2"


def test_a_template_that_cannot_be_read_is_marked_where_it_breaks(bench: Bench) -> None:
    choose(bench, "Template language", "Mustache")
    bench.write(" {{#open}}")
    expect(bench.page.locator(".cm-lintRange-error")).to_have_text("{{#open}}")
    expect(bench.page.get_by_text("the section 'open' is never closed").first).to_be_visible()


def test_a_variable_is_declared_before_it_is_used_and_removed_again(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("button", name="Declare a variable").click()
    page.get_by_label("Name of the variable").fill("tone")
    page.keyboard.press("Enter")
    unused = page.get_by_role("list", name="Declared and never used")
    expect(unused).to_contain_text("tone")
    bench.write(" In {{tone}}")
    expect(unused).to_have_count(0)
    expect(page.get_by_label("tone", exact=True)).to_be_visible()
    for _ in "{{tone}}":
        page.keyboard.press("Backspace")
    page.get_by_role("button", name="Remove tone").click()
    expect(unused).to_have_count(0)
    bench.expect_saved()
    assert [one["name"] for one in bench.stored()["draft"]["variables"]] == []


def test_a_conversation_is_given_message_by_message(bench: Bench) -> None:
    page = bench.page
    draft = {
        "model": "simulated/echo",
        "messages": [{"role": "placeholder", "content": "history"}],
        "variables": [{"name": "history", "type": "messages"}],
    }
    assert put(bench.served, f"/api/prompts/{bench.key}/draft", {"draft": draft})[0] == 200
    bench.open()
    history = page.get_by_role("group", name="history")
    for number, text in enumerate(("Hello", "Good day"), start=1):
        history.get_by_role("button", name="Add message").click()
        history.get_by_label(f"Message {number}", exact=True).fill(text)
    history.get_by_role("combobox", name="Role of message 2").click()
    page.get_by_role("option", name="User").click()
    page.get_by_role("button", name="Preview").click()
    rendered = page.get_by_role("list", name="Rendered messages")
    expect(rendered.get_by_role("listitem")).to_have_count(2)
    expect(rendered).to_contain_text("Good day")
    bench.run()
    expect(bench.answer).to_contain_text("Good day")


def test_a_text_prompt_has_one_field_and_is_asked_as_one_message(bench: Bench, vendor: Vendor) -> None:
    page = bench.page
    page.get_by_role("button", name="New prompt").click()
    page.get_by_role("button", name="Text", exact=True).click()
    page.get_by_label("Name", exact=True).fill(f"Plain words {bench.key}")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile(f"plain-words-{bench.key}"))
    expect(page.get_by_role("combobox", name="Role")).to_have_count(0)
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Name three {{things}}.")
    written = Bench(page, bench.served, f"plain-words-{bench.key}")
    written.set_variable("things", "bridges")
    written.choose_model("openai/echo")
    written.run()
    expect(written.answer).to_contain_text("Name three bridges.")
    assert vendor.last_asked["messages"] == [{"role": "user", "content": "Name three bridges."}]
    written.expect_saved()
    assert written.stored()["kind"] == "text"


def test_an_uploaded_picture_and_a_file_reach_the_vendor(bench: Bench, vendor: Vendor, picture: Picture) -> None:
    page = bench.page
    bench.choose_model("openai/echo")
    page.get_by_label("Picture from this computer").set_input_files(
        {"name": "square.png", "mimeType": "image/png", "buffer": PNG}
    )
    parts = page.get_by_role("list", name="Parts")
    expect(parts.get_by_role("img", name="Picture 1")).to_be_visible()
    page.get_by_label("File from this computer").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    expect(parts).to_contain_text("a.pdf")
    picture(page, "parts")
    parts.get_by_role("button", name="Move part up").last.click()
    bench.set_variable("topic", "squares")
    bench.run()
    bench.expect_done()
    data = base64.b64encode(PNG).decode()
    assert vendor.last_asked["messages"][0]["content"] == [
        {"type": "text", "text": "Tell me about squares."},
        {
            "type": "file",
            "file": {
                "filename": "a.pdf",
                "file_data": f"data:application/pdf;base64,{base64.b64encode(b'%PDF-1.4').decode()}",
            },
        },
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
    ]
    parts.get_by_role("button", name="Remove part").first.click()
    bench.expect_saved()
    assert [[*part] for part in messages(bench)[0]["parts"]] == [["image_url"]]


def test_what_is_too_large_or_no_picture_a_model_sees_is_refused(bench: Bench) -> None:
    page = bench.page
    for name, kind, size, said in (
        ("big.png", "image/png", 5_000_000, "big.png is larger than 4.2 MB"),
        ("drawing.svg", "image/svg+xml", 10, "drawing.svg is a kind of picture that models do not see"),
    ):
        page.get_by_label("File from this computer").set_input_files(
            {"name": name, "mimeType": kind, "buffer": b"x" * size}
        )
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(page.get_by_role("list", name="Parts")).to_have_count(0)


DROP: Final = """(target, [name, kind, data]) => {
  const bytes = Uint8Array.from(atob(data), (it) => it.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: kind }));
  target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def test_a_picture_is_dropped_on_a_message_and_on_a_variable_of_parts(bench: Bench, vendor: Vendor) -> None:
    page = bench.page
    bench.choose_model("openai/echo")
    dropped = ["square.png", "image/png", base64.b64encode(PNG).decode()]
    bench.messages.first.evaluate(DROP, dropped)
    expect(page.get_by_role("list", name="Parts").get_by_role("img")).to_be_visible()
    page.get_by_role("button", name="Add a picture, file or part").first.click()
    page.get_by_role("menuitem", name="Variable that stands for parts").click()
    page.get_by_label("The parts given as").fill("pictures")
    page.get_by_role("button", name="About pictures").click()
    choose(bench, "Type", "Parts of a message")
    page.keyboard.press("Escape")
    page.get_by_role("group", name="pictures").evaluate(DROP, dropped)
    expect(page.get_by_role("group", name="pictures").get_by_role("img")).to_be_visible()
    bench.set_variable("topic", "squares")
    bench.run()
    bench.expect_done()
    kinds = [part["type"] for part in vendor.last_asked["messages"][0]["content"]]
    assert kinds == ["text", "image_url", "image_url"]


def test_the_preview_follows_what_is_typed_and_counts_it(bench: Bench, picture: Picture) -> None:
    page = bench.page
    row = {"id": "openai/small", "provider": "openai", "model": "echo", "capabilities": {"context_tokens": 1000}}
    assert put(bench.served, "/api/models/rows", row)[0] == 200
    bench.open()
    bench.choose_model("openai/small")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.locator("[data-tokens]")).to_contain_text(re.compile(r"≈ \d+ tokens · .* of 1K · estimate"))
    preview.get_by_role("button", name="Preview").click()
    expect(preview).to_contain_text("Without a value, and shown as written: topic")
    expect(preview.get_by_role("listitem")).to_contain_text("Tell me about {{topic}}.")
    before = preview.locator("[data-tokens]").inner_text()
    bench.set_variable("topic", "{{looms}} and how they were made by hand")
    expect(preview.get_by_role("listitem")).to_contain_text("Tell me about {{looms}} and how they were made by hand.")
    expect(preview.locator("[data-tokens]")).not_to_have_text(before)
    expect(page).to_have_url(re.compile("preview=true"))
    picture(page, "preview")
    page.reload()
    expect(preview.get_by_role("listitem")).to_contain_text("how they were made by hand")


def test_snippets_are_suggested_put_in_at_two_levels_and_lead_to_one_another(bench: Bench, picture: Picture) -> None:
    page = bench.page
    tone = snippet(bench, "tone", "Be {{mood}}.")
    voice = snippet(bench, "voice", f"As we speak: {{{{> {tone}}}}}")
    bench.open()
    bench.write(f" {{{{> {voice}")
    page.get_by_role("option", name=voice).click()
    expect(bench.messages.first).to_contain_text(f"{{{{> {voice}}}}}")
    expect(page.get_by_text(f"Asked for by the snippet {voice}")).to_be_visible()
    bench.set_variable("topic", "looms")
    bench.set_variable("mood", "calm")
    bench.choose_model("simulated/echo")
    picture(page, "snippets")
    bench.run()
    expect(bench.answer).to_contain_text("Tell me about looms. As we speak: Be calm.")
    bench.expect_saved()
    page.get_by_role("list", name="Included snippets").get_by_role("link", name=voice).click()
    expect(page).to_have_url(re.compile(f"/prompts/{voice}"))
    page.get_by_role("list", name="Included snippets").get_by_role("link", name=tone).click()
    expect(page).to_have_url(re.compile(f"/prompts/{tone}"))
    users = page.get_by_role("region", name="Included by").get_by_role("listitem")
    expect(users.filter(has_text=f"through {voice}")).to_contain_text("A short lecture")
    status, refused = ask(bench.served, "DELETE", f"/api/prompts/{tone}")
    assert (status, refused["error"]["class"]) == (409, "conflict")


def test_a_circle_of_snippets_is_marked_with_the_way_round(bench: Bench) -> None:
    page = bench.page
    one = snippet(bench, "one", "x")
    other = snippet(bench, "other", f"{{{{> {one}}}}}")
    page.goto(f"{bench.served.url}/prompts/{one}")
    expect(bench.messages.first).to_be_visible()
    bench.write(f" {{{{> {other}}}}}")
    expect(page.get_by_text(f"{one} → {other} → {one}").first).to_be_visible()
    bench.write(" {{> nobody-here}}")
    expect(page.get_by_text("there is no snippet 'nobody-here'").first).to_be_visible()
    expect(page.locator(".cm-lintRange-error").last).to_have_text("{{> nobody-here}}")


@pytest.fixture
def guided(bench: Bench) -> Bench:
    text = "Words of its own.\n\n# Role\nYou sort letters.\n\n# Rules\n- be brief"
    draft = {
        "model": "simulated/echo",
        "messages": [{"role": "system", "content": text}, {"role": "user", "content": "Go."}],
    }
    assert put(bench.served, f"/api/prompts/{bench.key}/draft", {"draft": draft})[0] == 200
    bench.open()
    bench.page.get_by_role("button", name="Form", exact=True).click()
    return bench


def test_a_text_is_read_as_a_form_and_a_form_written_as_text(guided: Bench, picture: Picture) -> None:
    page = guided.page
    form = page.get_by_role("region", name="The prompt as a form")
    expect(form.get_by_label("Role")).to_have_value("You sort letters.")
    expect(form.get_by_label("Rest")).to_have_value("Words of its own.")
    form.get_by_label("Goal").fill("Every letter is where it belongs.")
    form.get_by_role("button", name="Add step").click()
    form.get_by_label("Step 1").fill("Read it.")
    form.get_by_role("button", name="Add example").click()
    form.get_by_label("Input of example 1").fill("a bill")
    form.get_by_label("Output of example 1").fill("accounts")
    picture(page, "form")
    page.get_by_role("button", name="Text", exact=True).click()
    expect(guided.messages.first).to_contain_text("Every letter is where it belongs.")
    expect(guided.messages.first).to_contain_text("1. Read it.")
    guided.expect_saved()
    text = messages(guided)[0]["content"]
    assert text.startswith("Words of its own.\n\n# Role\nYou sort letters.\n\n# Goal\n")
    assert "<input>\na bill\n</input>" in text


def test_undo_goes_through_the_form(guided: Bench) -> None:
    page = guided.page
    form = page.get_by_role("region", name="The prompt as a form")
    form.get_by_label("Role").fill("You sort parcels.")
    page.get_by_role("button", name="Undo").click()
    expect(form.get_by_label("Role")).to_have_value("You sort letters.")
    page.get_by_role("button", name="Redo").click()
    expect(form.get_by_label("Role")).to_have_value("You sort parcels.")
    expect(page).to_have_url(re.compile("form=true"))
    page.reload()
    expect(form.get_by_label("Role")).to_have_value("You sort parcels.")


def test_the_value_of_an_object_is_written_as_json_that_says_where_it_is_wrong(bench: Bench) -> None:
    page = bench.page
    draft = bench.stored()["draft"] | {
        "messages": [{"role": "user", "content": "Ship {{order}}."}],
        "model": "simulated/echo",
        "variables": [{"name": "order", "type": "object"}],
    }
    assert put(bench.served, f"/api/prompts/{bench.key}/draft", {"draft": draft})[0] == 200
    bench.open()
    field = page.get_by_label("order", exact=True)
    field.click()
    page.keyboard.insert_text('{\n  "to": oops\n}')
    expect(page.get_by_role("alert")).to_have_text("Not JSON from line 2, column 9")
    bench.run()
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('{"to": "Oslo"}')
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(field.get_by_text('"to"')).to_have_css("color", "rgb(47, 79, 196)")
    bench.run()
    expect(bench.answer).to_have_text('Ship {"to":"Oslo"}.')
    page.reload()
    expect(field).to_have_text('{"to": "Oslo"}')
    field.focus()
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
