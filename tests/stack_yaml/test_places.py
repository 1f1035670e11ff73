"""Where a value of a stack file stands: its key's line, or that of the list item."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefleet.stack_yaml import read_stack_file

TEXT = """\
config:
  # a comment
  imagefleet:fleet:
    base: &base
      vmSize: a
      nodes: {dedicated: 4}
    other: &other {vmSize: b, id: c}
    pools:
      first:
        <<: *base
        versions: ["1.0.0", "1.1.0"]
      second: *base
      third:
        <<: [*other, *base]
        "quoted key": 1
"""
FLEET = ("config", "imagefleet:fleet")


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ((), (3, 3)),
        (("pools", "first"), (9, 7)),
        (("pools", "first", "versions", 1), (11, 29)),
        # what a merge or an alias brings in stands where it is written
        (("pools", "first", "vmSize"), (5, 7)),
        (("pools", "second", "nodes", "dedicated"), (6, 15)),
        (("pools", "third", "vmSize"), (7, 20)),
        (("pools", "third", "nodes"), (6, 7)),
        (("pools", "third", "quoted key"), (15, 9)),
        (("pools", "fourth"), None),
        (("pools", "first", "versions", 2), None),
        (("pools", "first", "vmSize", "deeper"), None),
        (("pools", "first", "<<"), None),
    ],
)
def test_the_place_of_a_value(tmp_path: Path, steps, place) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(TEXT, encoding="utf-8")
    assert read_stack_file(file).place((*FLEET, *steps)) == place
