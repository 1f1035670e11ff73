"""The project fixtures of the command's tests."""

from __future__ import annotations

from tests.cli.projects import project
from tests.cli.repositories import repository

__all__ = ["project", "repository"]
