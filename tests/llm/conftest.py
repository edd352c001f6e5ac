"""What the LLM service's tests share: a simulated vendor on a real socket, and our side of the connection to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import Timeouts
from promptwire.llm.catalogue import Catalogue, always, builtin
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.providers.openai import OpenAI
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.llm.simulate_server import SimulateServer
from promptwire.llm.timeouts import Waits
from promptwire.llm.vendor_http import VendorHTTP

SECRET = "sk-test-0123456789"
SHORT = Waits(connect_s=1, first_token_s=0.3, idle_s=0.2, total_s=2)


@pytest.fixture
async def vendor() -> AsyncIterator[SimulateServer]:
    server = SimulateServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[VendorHTTP]:
    connections = VendorHTTP()
    yield connections
    await connections.close()


@pytest.fixture
def target(vendor: SimulateServer) -> Target:
    endpoint = Endpoint(name="acme", kind="openai", base_url=f"http://127.0.0.1:{vendor.port}/v1", api_key=SECRET)
    return Target(id="acme/echo", model="echo", endpoint=endpoint, timeouts=SHORT)


@pytest.fixture
def here() -> Simulated:
    """The simulated vendor in this process."""
    return Simulated()


@pytest.fixture
def service(target: Target, http: VendorHTTP, here: Simulated) -> LLMService:
    """A service with the simulated models next door (`simulated/…`) and behind a socket (`acme/…`)."""
    given = Timeouts(**{name: getattr(SHORT, name) for name in Timeouts.__struct_fields__})
    far = ModelRow(id=target.id, provider="acme", model="echo", timeouts=given, attempts=1, breaker_failures=0)
    near = [msgspec.structs.replace(row, timeouts=given) for row in builtin()]
    return LLMService(always(Catalogue([target.endpoint], [*near, far])), {"openai": OpenAI(http), "simulated": here})
