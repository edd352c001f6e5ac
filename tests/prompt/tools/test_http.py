"""A call becomes one request: arguments in their places, a bound on everything, and words for what goes wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from prompt.tools.conftest import Site
from promptwire.api.tool import HttpCall, ToolSecret
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.http import address, answer, body
from promptwire.prompt.tools.reach import Outbound, Reach
from promptwire.prompt.tools.safe import Safe


def call(method: str = "GET", url: str = "http://h/", **fields: Any) -> HttpCall:
    return msgspec.convert({"method": method, "url": url, **fields}, HttpCall)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (call(url="http://h/{{city}}/x"), "http://h/a%2Fb%3F%23%20%C3%A9/x?n=1&deep=%7B%22k%22%3A%5Btrue%5D%7D"),
        (
            call(url="http://h/?q={{city}}&n={{n}}"),
            "http://h/?q=a%2Fb%3F%23%20%C3%A9&n=1&deep=%7B%22k%22%3A%5Btrue%5D%7D",
        ),
        (call(url="http://h/{{deep.k[0]}}?x=1#f"), "http://h/true?x=1&city=a%2Fb%3F%23+%C3%A9&n=1#f"),
        (call("POST", "http://h/{{none}}"), "http://h/"),
    ],
)
def test_arguments_go_into_the_address(given: HttpCall, url: str) -> None:
    assert address(given, {"city": "a/b?# é", "n": 1, "deep": {"k": [True]}}) == url


@pytest.mark.parametrize("url", ["http://{{host}}/", "{{url}}", "ftp://h/", "http://h{{x}}.evil/"])
def test_a_model_does_not_choose_the_host(url: str) -> None:
    with pytest.raises(ToolFault, match=r"host|begins"):
        address(call(url=url), {"host": "evil", "url": "http://evil"})


@pytest.mark.parametrize("value", ["..", "."])
def test_an_argument_does_not_climb_out_of_its_path(value: str) -> None:
    with pytest.raises(ToolFault, match="climb"):
        address(call(url="http://h/users/{{id}}/mail"), {"id": value})
    with pytest.raises(ToolFault, match="climb"):
        address(call(url="http://h/users/.{{id}}/mail"), {"id": "."})


def test_a_body_is_the_arguments_or_a_template() -> None:
    given = {"id": 7, "text": 'say "hi"', "tags": ["a"]}
    assert body(call("POST", "http://h/{{id}}"), given) == b'{"text":"say \\"hi\\"","tags":["a"]}'
    template = call("PUT", body='{"t": {{text}}, "all": {{tags}}, "no": {{none}}}')
    assert body(template, given) == b'{"t": "say \\"hi\\"", "all": ["a"], "no": null}'
    assert body(call("DELETE"), given) is None


async def test_a_reply_is_what_came(site: Site, outbound: Outbound, safe: Safe) -> None:
    said = await answer(call(url=f"{site.url}/w/{{{{city}}}}"), {"city": "Oslo", "days": 2}, outbound, safe)
    assert said == '{"path": "/w/Oslo?days=2"}'
    await answer(call("POST", f"{site.url}/w"), {"city": "Oslo"}, outbound, safe)
    assert site.bodies[-1] == '{"city":"Oslo"}'
    assert site.asked[-1].headers["content-type"] == "application/json"


async def test_a_secret_reaches_its_host_and_its_echo_is_masked(site: Site, outbound: Outbound, safe: Safe) -> None:
    await safe.put(ToolSecret(name="key", hosts=["127.0.0.1"], value="sk-123"))
    said = await answer(
        call(url=f"{site.url}/echo", headers={"Authorization": "Bearer {{secret.key}}"}), {}, outbound, safe
    )
    assert site.asked[-1].headers["authorization"] == "Bearer sk-123"
    assert "sk-123" not in said and "[secret]" in said


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("missing", {}, "HTTP 404: no such thing"),
        ("away", {}, "HTTP 302"),
        ("large", {}, "longer than 65536 bytes"),
        ("binary", {}, "not text but image/png"),
        ("slow", {"timeout_s": 0.05}, "no answer in time"),
        ("x", {"headers": {"A": "b\r\nc: d"}}, "cannot be made of these headers"),
    ],
)
async def test_what_goes_wrong_is_said(
    site: Site, outbound: Outbound, safe: Safe, path: str, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ToolFault, match=said):
        await answer(call(url=f"{site.url}/{path}", **fields), {}, outbound, safe)


async def test_this_machine_is_not_reached_unless_allowed(site: Site, safe: Safe) -> None:
    outbound = Outbound(Reach())
    with pytest.raises(ToolFault, match="PROMPTWIRE_TOOL_HOSTS"):
        await answer(call(url=site.url), {}, outbound, safe)
    assert site.asked == []
    await outbound.close()
    named = Outbound(Reach("localhost"))
    assert await answer(call(url=site.url.replace("127.0.0.1", "localhost")), {}, named, safe)
    await named.close()
