"""`python -m imagefleet.cli` is the `imagefleet` command."""

from __future__ import annotations

from imagefleet.cli.app import main

main()
