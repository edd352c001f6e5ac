"""A prompt as a file, and files as prompts: looked at, taken along, dropped in, with what is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from browser.bench import Bench

PROMPTY = """\
---
name: Weaver
model:
  configuration: {{name: typewriter, azure_endpoint: https://example.com}}
---
system:
You know looms.

user:
{{{{question}}}}
"""


def test_a_prompt_is_shown_as_a_file_of_any_tool_with_what_it_loses(
    bench: Bench, picture: Callable[[Page, str], None]
) -> None:
    page = bench.page
    page.get_by_role("link", name="Files").click()
    file = page.locator("pre[data-file]")
    expect(file).to_contain_text(f"---\nkey: {bench.key}\n")
    expect(page.get_by_text("Nothing: read again, it is the same prompt.")).to_be_visible()
    picture(page, "files")
    page.get_by_role("combobox", name="Format").click()
    page.get_by_role("option", name="Langfuse").click()
    expect(page).to_have_url(f"{bench.served.url}/prompts/{bench.key}/files?format=langfuse")
    expect(file).to_contain_text('"type": "chat"')
    expect(page.get_by_role("complementary", name="What this file cannot hold")).to_contain_text("name")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    assert taken.value.suggested_filename == f"{bench.key}.langfuse.json"
    page.reload()
    expect(file).to_contain_text('"type": "chat"')


def test_files_are_looked_at_before_they_become_prompts(
    bench: Bench, tmp_path: Path, picture: Callable[[Page, str], None]
) -> None:
    page = bench.page
    key = f"weaver-{bench.key}"
    good, bad = tmp_path / f"{key}.prompty", tmp_path / "notes.md"
    good.write_text(PROMPTY.format())
    bad.write_text("Nothing of a prompt")
    page.get_by_role("button", name="Import prompts").click()
    dialog = page.get_by_role("dialog", name="Import prompts")
    dialog.get_by_label("Choose files").set_input_files([good, bad])
    found = dialog.get_by_role("list", name="What the files hold")
    expect(found.get_by_text(key, exact=True)).to_be_visible()
    expect(found).to_contain_text("will be made")
    expect(found).to_contain_text("this is none of the formats")
    found.get_by_text("1 not carried").click()
    expect(found).to_contain_text("model.configuration.azure_endpoint")
    picture(page, "import")
    dialog.get_by_role("button", name="Import 1").click()
    expect(found.get_by_text("made", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Weaver").click()
    expect(page).to_have_url(f"{bench.served.url}/prompts/{key}")
    expect(bench.messages.first).to_contain_text("You know looms.")
