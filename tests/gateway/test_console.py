"""The built console is served with the right lifetimes, and nothing outside its folder ever is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.typist import Host, Typist, Wire, hosted
from promptwire.gateway.console import MISSING

PAGE = b"<!doctype html><script src=/assets/index-BGeKzx12.js></script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_bytes(b"secret\n")
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_bytes(PAGE)
    (static / "favicon.svg").write_bytes(b"<svg/>")
    (static / "assets" / "index-BGeKzx12.js").write_bytes(b"console")
    (static / "assets" / "plain.css").write_bytes(b"a{}")
    (static / "link").symlink_to(tmp_path / "secret.txt")
    return static


@pytest.fixture
async def built(typist: Typist, folder: Path) -> AsyncIterator[Host]:
    async with hosted(typist, static=folder) as host:
        yield host


@pytest.mark.parametrize("path", ["/", "/prompts/demo", "/anything?x=1", "/index.html", "/v2"])
async def test_every_page_is_the_index(built: Host, path: str) -> None:
    answer = await built.ask("GET", path)
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_asset_whose_name_follows_its_content_is_kept_for_ever(built: Host) -> None:
    answer = await built.ask("GET", "/assets/index-BGeKzx12.js")
    assert (answer.status, answer.body) == (200, b"console")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/favicon.svg", "image/svg+xml"), ("/assets/plain.css", "text/css; charset=utf-8")],
)
async def test_any_other_file_is_asked_for_again(built: Host, path: str, kind: str) -> None:
    answer = await built.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_head_has_no_body(built: Host) -> None:
    answer = await built.ask("HEAD", "/")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("path", ["/api/nothing", "/v1/nothing", "/.well-known/x", "/assets/index-Older111.js"])
async def test_what_is_no_page_is_not_found(built: Host, path: str) -> None:
    answer = await built.ask("GET", path)
    assert (answer.status, answer.error["class"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "//etc/passwd",
        "/link",
        "/%00",
        "/..%2fsecret.txt",
    ],
)
async def test_nothing_outside_the_folder_is_served(built: Host, path: str) -> None:
    wire = await Wire.to(built)
    await wire.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    seen = await wire.rest()
    wire.leave()
    assert b"secret\n" not in seen
    assert b"root:" not in seen


async def test_a_page_cannot_be_written(built: Host) -> None:
    answer = await built.ask("POST", "/", b"x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


async def test_without_a_build_the_page_says_how_to_make_one(typist: Typist, tmp_path: Path) -> None:
    async with hosted(typist, static=tmp_path / "none") as host:
        answer = await host.ask("GET", "/")
        assert (answer.status, answer.body) == (200, MISSING)
        assert b"make console" in answer.body
        assert answer.headers["cache-control"] == "no-store"
        assert (await host.ask("GET", "/api/models")).status == 200
