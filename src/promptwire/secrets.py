"""The place for keeping secrets: text encrypted at rest under one master key, bound to what it belongs to.

The master key is made on the first start, readable by its owner only. AES-256-GCM; the ``purpose`` given when a
secret is sealed must be given again to open it, so a ciphertext copied to another row does not open there.
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from pathlib import Path
from typing import Final

from promptwire.settings import Settings

MASTER_KEY: Final = "master.key"  # in the data directory
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
VERSION: Final = "v1."


class SecretError(Exception):
    """A master key is unusable, or a sealed text does not open with it."""


class Secrets:
    """Seals and opens secrets under one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SecretError(f"a master key is {KEY_BYTES} bytes, not {len(key)}")
        self._key = key

    @classmethod
    def of(cls, settings: Settings) -> Secrets:
        """Secrets under the key the operator set, or the one in the data directory. Raises SecretError."""
        if settings.master_key is not None:
            return cls.from_base64(settings.master_key)
        return cls.from_file(settings.data / MASTER_KEY)

    @classmethod
    def from_base64(cls, text: str) -> Secrets:
        """Secrets under a key given as base64. Raises SecretError."""
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error as error:
            raise SecretError("the master key is not base64") from error

    @classmethod
    def from_file(cls, path: Path) -> Secrets:
        """Secrets under the key in ``path``, which is made when it is absent. Raises SecretError."""
        try:
            return cls.from_base64(path.read_text("ascii"))
        except FileNotFoundError:
            _create(path)
            return cls.from_base64(path.read_text("ascii"))
        except UnicodeDecodeError as error:
            raise SecretError(f"{path} is not a master key") from error

    def seal(self, text: str, *, purpose: str) -> str:
        """Encrypt ``text`` so that only the same purpose opens it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # imported late: start-up does without it

        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, text.encode(), purpose.encode())
        return VERSION + base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, *, purpose: str) -> str:
        """Decrypt what `seal` made. Raises SecretError when the key, the purpose or the text is another."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not sealed.startswith(VERSION):
            raise SecretError("not a sealed secret")
        try:
            data = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
            return AESGCM(self._key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretError("the secret does not open: another master key, another purpose, or damaged") from error


def _create(path: Path) -> None:
    """Write a new key to ``path``; when another process is quicker, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
