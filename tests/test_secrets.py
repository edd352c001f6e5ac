"""Secrets open with the same key and purpose only, and the key is made once, for its owner only."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from promptwire.secrets import SecretError, Secrets


def test_a_secret_opens_with_the_same_key_and_purpose(tmp_path: Path) -> None:
    sealed = Secrets.from_file(tmp_path / "master.key").seal("sk-Ü", purpose="vendor:a")
    assert "sk-" not in sealed
    assert Secrets.from_file(tmp_path / "master.key").open(sealed, purpose="vendor:a") == "sk-Ü"


def test_a_secret_is_sealed_differently_each_time() -> None:
    secrets = Secrets(bytes(32))
    assert secrets.seal("same", purpose="p") != secrets.seal("same", purpose="p")


def test_another_purpose_key_or_text_does_not_open() -> None:
    secrets = Secrets(bytes(32))
    sealed = secrets.seal("sk-1", purpose="vendor:a")
    for other, text, purpose in [
        (secrets, sealed, "vendor:b"),
        (Secrets(bytes(31) + b"1"), sealed, "vendor:a"),
        (secrets, sealed[:-6] + "AAAA==", "vendor:a"),
        (secrets, "v1.", "vendor:a"),
        (secrets, "plain", "vendor:a"),
    ]:
        with pytest.raises(SecretError):
            other.open(text, purpose=purpose)


def test_the_key_file_belongs_to_its_owner_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    Secrets.from_file(tmp_path / "data" / "master.key")
    assert stat.S_IMODE((tmp_path / "data" / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["master.key"]


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(Secrets.from_file, [tmp_path / "master.key"] * 8))
    sealed = made[0].seal("x", purpose="p")
    assert {secrets.open(sealed, purpose="p") for secrets in made} == {"x"}


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(bytes(31)), b"\xff\xfe"])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    with pytest.raises(SecretError):
        Secrets.from_file(path)
    assert path.read_bytes() == content
