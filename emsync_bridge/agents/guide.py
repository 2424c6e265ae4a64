"""The guide for agents, which needs nothing that is not installed with emsync."""

from __future__ import annotations

from importlib.resources import files


def guide() -> str:
    """Return the guide for agents (SKILL.md) that is packed with emsync."""
    return (files("emsync_bridge.agents") / "SKILL.md").read_text(encoding="utf-8")
