"""The embedded engine: the program run in process, without the Pulumi command.

A stand-in for rehearsals, tests and pull requests of forks, not a second Pulumi: it does what
this project's programs ask for, the way the real engine does it, and refuses the rest by name.
"""

from __future__ import annotations

from imagefleet.offline.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
