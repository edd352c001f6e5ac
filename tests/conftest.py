"""What the platform's tests share."""

from __future__ import annotations

pytest_plugins = ["needs", "servers"]
