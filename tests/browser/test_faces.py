"""The page in the dark, in Chinese, on a small screen, and under the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from browser.bench import Bench
from journeys.served import Served

Picture = Callable[[Page, str], None]


def luminance(page: Page, selector: str) -> float:
    """How light the background of an element is, 0 to 1."""
    colour: list[int] = page.eval_on_selector(
        selector,
        """element => {
          const context = new OffscreenCanvas(1, 1).getContext('2d');
          context.fillStyle = getComputedStyle(element).backgroundColor;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data];
        }""",
    )
    return sum(colour[:3]) / 3 / 255


def expect_theme(page: Page, theme: str) -> None:
    """Wait for the theme, and see that it is what it says."""
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert (luminance(page, "body") < 0.5) == (theme == "dark")


def test_the_dark_follows_the_system_and_can_be_chosen(bench: Bench, picture: Picture) -> None:
    page = bench.page
    assert luminance(page, "body") > 0.9
    page.emulate_media(color_scheme="dark")
    expect_theme(page, "dark")
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitemradio", name="Light").click()
    expect_theme(page, "light")
    page.reload()
    expect_theme(page, "light")
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect_theme(page, "dark")
    bench.set_variable("topic", "night")
    bench.run()
    bench.expect_done()
    picture(page, "dark")


def test_everything_speaks_chinese(bench: Bench, picture: Picture) -> None:
    page = bench.page
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitemradio", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("button", name="添加消息")).to_be_visible()
    bench.set_variable("topic", "打字机")
    bench.run()
    bench.expect_done()
    expect(page.locator("[data-save]")).to_have_text("已保存")
    picture(page, "chinese")
    page.reload()
    expect(page.get_by_role("button", name="运行")).to_be_visible()


def test_findings_and_refusals_are_told_in_chinese(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitemradio", name="中文").click()
    bench.write(" {{tone")
    findings = page.get_by_role("region", name="可以改进之处")
    expect(findings).to_contain_text("{{tone 没有闭合模型读到的是花括号，而不是变量的值。")  # noqa: RUF001
    page.get_by_role("button", name="偏好设置").click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("region", name="What could be better")).to_contain_text("{{tone is not closed")
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitemradio", name="中文").click()
    bench.expect_saved()
    page.get_by_role("link", name="模型").click()
    page.get_by_role("button", name="添加供应商").click()
    page.get_by_label("在此处的名称").fill("Not An Id")
    page.get_by_label("基础地址").fill("http://127.0.0.1:9/v1")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("请求不符合要求：provider 'Not An Id'")  # noqa: RUF001


def test_a_browser_in_chinese_begins_in_chinese(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{served.url}/prompts/demo")
    expect(page.get_by_role("button", name="运行")).to_be_visible()
    context.close()


def test_the_keyboard_alone_writes_runs_and_stops(bench: Bench) -> None:
    page = bench.page
    page.locator("body").press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    reach(page, lambda: page.evaluate("document.activeElement.classList.contains('cm-content')"))
    page.keyboard.press("Control+End")
    page.keyboard.type(" By hand.")
    reach(page, lambda: page.evaluate("document.activeElement.id") == "variable-topic")
    page.keyboard.type("keys")
    bench.answer_long()
    page.keyboard.press("Control+Enter")
    expect(bench.answer).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped by you")).to_be_visible()
    bench.expect_saved()
    assert bench.stored()["draft"]["messages"][0]["content"].endswith("By hand.")


def test_commands_are_found_by_typing(bench: Bench, picture: Picture) -> None:
    page = bench.page
    bench.set_variable("topic", "commands")
    page.keyboard.press("Control+k")
    picture(page, "commands")
    page.keyboard.type("run the")
    page.keyboard.press("Enter")
    bench.expect_done()
    page.keyboard.press("Control+k")
    page.keyboard.type("demo")
    expect(page.get_by_role("option", name="Demo demo")).to_be_visible()  # the server has found it
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{bench.served.url}/prompts/demo")


def reach(page: Page, there: Callable[[], bool]) -> None:
    """Press Tab until the focus is there."""
    for _ in range(300):  # the list of prompts stands before the page
        if there():
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def test_a_small_screen_has_everything_one_below_the_other(bench: Bench) -> None:
    page = bench.page
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bench.set_variable("topic", "phones")
    bench.run()
    bench.expect_done()
    page.get_by_role("button", name="Open the list of prompts").click()
    page.get_by_role("link", name="Demo").click()
    expect(page).to_have_url(f"{bench.served.url}/prompts/demo")


def test_an_address_that_leads_nowhere_says_so(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/prompts/no-such-prompt")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.goto(f"{served.url}/nowhere")
    expect(page.get_by_role("link", name="Go to the prompts")).to_be_visible()


def test_what_is_closed_gives_the_focus_back(bench: Bench) -> None:
    page = bench.page
    focused = page.locator(":focus")
    page.get_by_role("button", name="New prompt").click()
    expect(focused).to_have_attribute("id", "new-name")
    page.keyboard.press("Escape")
    expect(focused).to_have_attribute("aria-label", "New prompt")
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitem", name="Say your name").click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Preferences")).to_be_focused()
    page.goto(f"{bench.served.url}/prompts?text={bench.key}")
    more = page.get_by_role("button", name="More for A short lecture")
    more.click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("menuitem", name="Rename").click()
    expect(page.get_by_label("Name of the prompt")).to_be_focused()
