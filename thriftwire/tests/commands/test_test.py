from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from served import IDL, served, thrift

SUITE = f"""
idl: {IDL}
cases:
  - name: repeats in order
    method: Repeat
    request: {{text: a, times: 3}}
    meta: {{who: me}}
    expect:
      first_message_within_s: 5
      count: 3
      messages: [{{index: 0}}, {{index: 1}}, {{index: 2, text: a}}]
      expressions: ['join(messages, "text") == "aaa"', 'len(gaps) == 2']
  - name: leaves early
    method: Repeat
    request: {{text: a, times: 100000}}
    cancel_after: 2
    expect: {{count: 2}}
  - name: joins what a client streams
    method: Join
    requests: [{{text: a}}, {{text: b}}]
    expect: {{last: {{text: a b, index: 2}}}}
  - name: a business status
    method: Repeat
    request: {{text: a, times: 1, fault: biz}}
    expect: {{end: business, code: 40400, message: no such thing, count: 1}}
  - name: a declared exception
    method: Ping
    request: {{text: a, fault: refused}}
    expect: {{end: business}}
  - name: an error
    method: Ping
    request: {{text: a, fault: error}}
    expect: {{end: rpc, message: broken}}
  - name: hangs
    method: Ping
    request: {{text: a, fault: hang}}
    timeout_s: 0.2
    expect: {{end: timeout}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "echo.yaml"
    path.write_text(SUITE)
    return path


async def test_a_suite_is_run_and_reported(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as address:
        code = await thrift("test", str(suite), "-e", address, "--junit", str(tmp_path / "out.xml"))
    out = capsys.readouterr().out
    assert (code, out.splitlines()[-1]) == (0, "7 passed, 0 failed"), out
    root = ET.parse(str(tmp_path / "out.xml")).getroot()
    assert (root.get("tests"), root.get("failures")) == ("7", "0")
    assert {case.get("name") for case in root.iter("testcase")} >= {"hangs", "leaves early"}


async def test_a_failure_is_explained_and_counted(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite.write_text(SUITE.replace("count: 3", "count: 4"))  # noqa: ASYNC240  # a small file
    async with served() as address:
        code = await thrift("test", str(suite), "-e", address, "-k", "repeats", "--junit", str(tmp_path / "out.xml"))
    out = capsys.readouterr().out
    assert (
        code == 3 and "FAIL repeats in order" in out and "3 messages came, not 4" in out and "0 passed, 1 failed" in out
    )
    failure = ET.parse(tmp_path / "out.xml").getroot().find("testcase/failure")
    assert failure is not None and failure.get("message") == "3 messages came, not 4"


async def test_a_suite_that_cannot_be_run_is_wrong_usage(suite: Path, tmp_path: Path) -> None:
    assert await thrift("test", str(suite)) == 1  # no endpoint
    assert await thrift("test", str(suite), "-e", "127.0.0.1:1", "-k", "no such case") == 1
    other = tmp_path / "other.yaml"
    other.write_text("cases: [{name: a, method: Ping}]")
    assert await thrift("test", str(other), "-e", "127.0.0.1:1") == 1  # no IDL
    other.write_text(f"idl: {IDL}\ncases: [{{name: a, method: Nothing}}]")
    assert await thrift("test", str(other), "-e", "127.0.0.1:1") == 1


async def test_no_server_is_an_end_that_can_be_expected(tmp_path: Path) -> None:
    path = tmp_path / "down.yaml"
    path.write_text(
        f"idl: {IDL}\ncases: [{{name: down, method: Ping, request: {{text: a}}, expect: {{end: transport}}}}]"
    )
    assert await thrift("test", str(path), "-e", "127.0.0.1:1") == 0
