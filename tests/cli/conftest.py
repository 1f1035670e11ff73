"""The project fixture of the command's tests."""

from __future__ import annotations

from tests.cli.projects import project

__all__ = ["project"]
