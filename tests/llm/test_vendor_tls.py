"""Vendors behind TLS: every byte of a long answer, a connection used again, and a certificate nobody vouches for."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from llm.test_vendor_http import at, fail, post
from promptwire.llm.vendor_http import VendorHTTP

EVENTS = [b'{"n": %d, "text": "%b"}' % (number, b"x" * (number % 400)) for number in range(3000)]
BODY = b"".join(b"data: %b\n\n" % event for event in [*EVENTS, b"[DONE]"])
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(BODY)

each_loop = pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that vouches for itself, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vendor")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "vendor.pem"
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*pem) + made.public_bytes(serialization.Encoding.PEM))
    return path


class Vendor:
    """Answers every request with ``BODY``, as fast as it is taken, and counts the connections."""

    def __init__(self) -> None:
        self.came = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        while await reader.read(65536):
            writer.write(HEAD + BODY)
            await writer.drain()
        writer.close()


async def twice(certificate: Path) -> tuple[list[bytes], list[bytes], int]:
    vendor, http = Vendor(), VendorHTTP()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, ssl=context)
    async with server:
        target = at(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
        try:
            return await post(http, target), await post(http, target), vendor.came
        finally:
            await http.close()


@each_loop
def test_a_long_answer_is_read_whole_and_its_connection_used_again(
    loop: Callable[[], asyncio.AbstractEventLoop], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with asyncio.Runner(loop_factory=loop) as runner:
        first, second, connections = runner.run(twice(certificate))
    assert first == second == [*EVENTS, b"[DONE]"]
    assert connections == 1


@each_loop
def test_a_certificate_nobody_vouches_for_is_refused(
    loop: Callable[[], asyncio.AbstractEventLoop], certificate: Path
) -> None:
    async def ask() -> str:
        vendor, http = Vendor(), VendorHTTP()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, ssl=context)
        async with server:
            failure = await fail(http, at(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"))
            await http.close()
            return failure.message

    with asyncio.Runner(loop_factory=loop) as runner:
        assert "certificate" in runner.run(ask())
