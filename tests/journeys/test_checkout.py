"""Prompts as files: pulled, edited in a text editor, pushed and pulled again, by the command a person types."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from journeys.native import ask, post, put
from journeys.served import Served
from promptwire.commands.asking import CONFLICT, FAILED, UNREACHABLE, WRONG

KEYS = itertools.count()


def says(text: str) -> dict[str, Any]:
    return {
        "model": "simulated/echo",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}],
        "parameters": {"temperature": 0.5},
    }


class Folder:
    """A folder and the commands run in it."""

    def __init__(self, served: Served, root: Path, *names: str) -> None:
        self.served, self.root, self.names = served, root, names

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "promptwire", command, *self.names, "--dir", str(self.root), *arguments]
        return subprocess.run(
            [*words, "--server", self.served.url], capture_output=True, text=True, timeout=60, check=False
        )

    def edit(self, name: str, before: str, after: str) -> None:
        path = self.root / name
        text = path.read_bytes().decode()
        assert before in text
        path.write_bytes(text.replace(before, after).encode())


@pytest.fixture
def key(served: Served) -> str:
    key = f"checkout-{next(KEYS)}"
    made = {"key": key, "name": "Refunds", "folder": "support", "tags": ["shop"], "draft": says("a\nb\nc")}
    assert post(served, "/api/prompts", made)[0] == 200
    assert post(served, f"/api/prompts/{key}/versions", {"message": "first"})[0] == 200
    return key


@pytest.fixture
def folder(served: Served, key: str, tmp_path: Path) -> Folder:
    folder = Folder(served, tmp_path, key)
    assert folder.run("pull").returncode == 0
    return folder


def file_of(key: str) -> str:
    return f"support/{key}.prompt.md"


def test_pulled_edited_pushed_and_pulled_again_is_the_same_to_the_byte(folder: Folder, key: str) -> None:
    path = folder.root / file_of(key)
    assert path.read_text().startswith(f"---\nkey: {key}\nname: Refunds\ntags:\n- shop\nfolder: support\n")
    folder.edit(file_of(key), "\nb\n", "\n{{b}}  \r\n# user\n")
    folder.edit(file_of(key), "temperature: 0.5", "temperature: 0.25 # warmer: no")
    edited = path.read_bytes()
    assert folder.run("status").stdout.startswith(f"edited    {key}")
    assert "+  temperature: 0.25 # warmer: no" in folder.run("diff").stdout
    pushed = folder.run("push", "-m", "by hand")
    assert (pushed.returncode, pushed.stdout[:6]) == (0, "pushed")
    assert path.read_bytes() == edited
    assert (folder.run("pull").returncode, path.read_bytes()) == (0, edited)
    assert (folder.run("status").returncode, folder.run("status").stdout) == (0, "")
    _, fetched = ask(folder.served, "GET", f"/api/prompts/{key}/fetch")
    assert fetched["version"]["message"] == "by hand"
    assert fetched["content"]["parameters"]["temperature"] == 0.25
    _, prompt = ask(folder.served, "GET", f"/api/prompts/{key}")
    assert prompt["draft"] == fetched["content"], "the draft nobody had changed follows"
    fresh = Folder(folder.served, folder.root / "fresh", key)
    assert fresh.run("pull").returncode == 0
    first = (fresh.root / file_of(key)).read_bytes()
    assert fresh.run("pull", "--force").returncode == 0
    assert (fresh.root / file_of(key)).read_bytes() == first


def test_edits_of_different_lines_are_merged_by_push(folder: Folder, key: str) -> None:
    post(folder.served, f"/api/prompts/{key}/versions", {"content": says("a\nb\nC!"), "base": "1"})
    folder.edit(file_of(key), "\na\nb\n", "\nA!\nb\n")
    assert folder.run("status").stdout.startswith(f"both      {key}")
    assert folder.run("push", "--dry-run").returncode == 0
    assert folder.run("push").returncode == 0
    _, fetched = ask(folder.served, "GET", f"/api/prompts/{key}/fetch")
    assert (fetched["version"]["version"], fetched["content"]["messages"][1]["content"]) == ("3", "A!\nb\nC!")
    assert "\nA!\nb\nC!\n" in (folder.root / file_of(key)).read_text()
    assert folder.run("status").stdout == ""


def test_what_both_changed_stands_between_marks_until_a_person_decides(folder: Folder, key: str) -> None:
    post(folder.served, f"/api/prompts/{key}/versions", {"content": says("a\ntheirs\nc"), "base": "1"})
    folder.edit(file_of(key), "\nb\n", "\nmine\n")
    pushed = folder.run("push")
    assert pushed.returncode == CONFLICT
    assert "with version 2: messages[1].content" in pushed.stdout
    text = (folder.root / file_of(key)).read_text()
    assert "\n<<<<<<< here\nmine\n=======\ntheirs\n>>>>>>> server, version 2\n" in text
    for command in ("status", "push", "pull"):
        assert folder.run(command).returncode == CONFLICT, command
    folder.edit(file_of(key), "<<<<<<< here\nmine\n=======\ntheirs\n>>>>>>> server, version 2\n", "ours\n")
    assert folder.run("push").returncode == 0
    _, fetched = ask(folder.served, "GET", f"/api/prompts/{key}/fetch")
    assert (fetched["version"]["parents"], fetched["content"]["messages"][1]["content"]) == (["2"], "a\nours\nc")


def test_pull_takes_what_is_newer_and_keeps_what_was_edited(folder: Folder, key: str) -> None:
    post(folder.served, f"/api/prompts/{key}/versions", {"content": says("new"), "base": "1"})
    assert folder.run("status").stdout.startswith(f"moved     {key}")
    assert folder.run("pull").stdout.startswith(f"updated   {key}")
    folder.edit(file_of(key), "\nnew\n", "\nmine\n")
    assert folder.run("pull").stdout.startswith(f"edited    {key}")
    assert "\nmine\n" in (folder.root / file_of(key)).read_text()
    assert folder.run("pull", "--force").returncode == 0
    assert "\nnew\n" in (folder.root / file_of(key)).read_text()


def test_a_label_is_followed_and_a_version_stays(served: Served, key: str, tmp_path: Path) -> None:
    put(served, f"/api/prompts/{key}/labels/production", {"version": "1"})
    labelled, pinned = (Folder(served, tmp_path / name, key) for name in ("labelled", "pinned"))
    assert labelled.run("pull", "--label", "production").returncode == 0
    assert pinned.run("pull", "--version", "1").returncode == 0
    post(served, f"/api/prompts/{key}/versions", {"content": says("new"), "base": "1"})
    assert (labelled.run("status").stdout, pinned.run("status").stdout) == ("", "")
    put(served, f"/api/prompts/{key}/labels/production", {"version": "2"})
    assert labelled.run("status").stdout.startswith("moved")
    assert (labelled.run("pull").returncode, pinned.run("pull").returncode) == (0, 0)
    assert "\nnew\n" in (labelled.root / file_of(key)).read_text()
    assert "\na\nb\nc\n" in (pinned.root / file_of(key)).read_text()
    assert labelled.run("pull", "--label", "nowhere").returncode == FAILED


def test_a_new_file_becomes_a_prompt_and_a_draft_stays_one(served: Served, tmp_path: Path) -> None:
    key = f"checkout-{next(KEYS)}"
    folder = Folder(served, tmp_path, key)
    path = tmp_path / "mine" / "any.prompt.md"
    path.parent.mkdir()
    path.write_text(f"---\nkey: {key}\nmodel: simulated/echo\n---\n# user\nhello\n")
    assert folder.run("push", "--draft").stdout.startswith("created")
    assert ask(served, "GET", f"/api/prompts/{key}/fetch")[0] == 404
    path.write_text(path.read_text().replace("hello", "hello again"))
    assert folder.run("push", "--draft").stdout.startswith("saved")
    assert folder.run("push").stdout.startswith("pushed")
    _, fetched = ask(served, "GET", f"/api/prompts/{key}/fetch")
    assert fetched["content"]["messages"][0]["content"] == "hello again"
    assert path.read_text().endswith("# user\nhello again\n"), "a file stays as a person wrote it"


def test_what_is_said_of_a_prompt_beside_its_content_is_pushed_too(folder: Folder, key: str) -> None:
    folder.edit(file_of(key), "name: Refunds", "name: Refunds, kindly\ndescription: About money")
    assert folder.run("push").returncode == 0
    _, prompt = ask(folder.served, "GET", f"/api/prompts/{key}")
    assert (prompt["name"], prompt["description"], prompt["tags"]) == ("Refunds, kindly", "About money", ["shop"])


def test_what_is_deleted_comes_back_by_pull_only(folder: Folder, key: str) -> None:
    (folder.root / file_of(key)).unlink()
    assert folder.run("status").stdout.startswith(f"deleted   {key}")
    assert folder.run("push").returncode == 0
    assert ask(folder.served, "GET", f"/api/prompts/{key}")[0] == 200
    assert folder.run("pull").returncode == 0
    assert (folder.root / file_of(key)).exists()


def test_what_goes_wrong_has_a_code(folder: Folder, key: str, tmp_path: Path) -> None:
    folder.edit(file_of(key), "model:", "modle:")
    broken = folder.run("push")
    assert (broken.returncode, "there is no field 'modle'" in broken.stdout) == (FAILED, True)
    said = json.loads(folder.run("status", "--json").stdout)
    assert [(each["key"], each["state"]) for each in said] == [(key, "broken")]
    nowhere = subprocess.run(
        [sys.executable, "-m", "promptwire", "status", "--dir", str(tmp_path / "x"), "--server", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert nowhere.returncode == UNREACHABLE
    other = subprocess.run(
        [sys.executable, "-m", "promptwire", "pull", "--dir", str(folder.root), "--server", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (other.returncode, "holds prompts of" in other.stderr) == (WRONG, True)
