"""A real MCP server of the official package, as a process of its own: ``python mcp_server.py [json]`` says its URL."""

from __future__ import annotations

import contextlib
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def mcp_serving(*arguments: str) -> Iterator[str]:
    """The URL of a running server."""
    with subprocess.Popen([sys.executable, str(Path(__file__)), *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready, "the MCP server did not start"
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


def main() -> None:
    """Serve until killed. With ``json`` replies are plain JSON, without they are event streams."""
    import socket

    import uvicorn
    from mcp.server import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    server = MCPServer("weather-station", version="1.2")

    @server.tool()
    def forecast(city: str, days: int = 1) -> str:
        """The weather to come."""
        return f"{city}: sun for {days} days"

    @server.tool()
    def alarm(city: str) -> str:
        """Fails."""
        raise ToolError(f"no sirens in {city}")

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # from here on nobody is refused
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)  # noqa: T201
    app = server.streamable_http_app(json_response="json" in sys.argv)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run([listening])


if __name__ == "__main__":
    main()
