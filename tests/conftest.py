"""What the platform's tests share."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", settings(), deadline=None)  # a shared machine is slow now and then
settings.load_profile("unhurried")

pytest_plugins = ["needs", "servers", "ended"]
