"""A vendor's address can be shown; its secrets cannot."""

from __future__ import annotations

from promptwire.llm.provider import Endpoint, Target


def test_secrets_are_known_and_never_printed() -> None:
    endpoint = Endpoint(name="acme", kind="openai", base_url="http://x", api_key="hush", headers={"x-key": "secret"})
    assert endpoint.secrets == ("hush", "secret")
    shown = repr(Target(id="acme/m", model="m", endpoint=endpoint))
    assert "hush" not in shown and "secret" not in shown
