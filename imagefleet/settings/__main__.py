"""Writes what is derived from the models: `schema/fleet.schema.json` and the reference page.

Run from the project's root: `python -m imagefleet.settings`. A test holds both current.
"""

from __future__ import annotations

from pathlib import Path

from imagefleet.settings.reference import REFERENCE_FILE, with_reference
from imagefleet.settings.schema import SCHEMA_FILE, schema_text


def main() -> None:
    """Bring both files up to date."""
    schema = Path(SCHEMA_FILE)
    schema.parent.mkdir(exist_ok=True)
    schema.write_text(schema_text(), encoding="utf-8")
    page = Path(REFERENCE_FILE)
    page.write_text(with_reference(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
