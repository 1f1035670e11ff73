"""The policy pack of imagefleet; standard output belongs to the engine from here on."""

from __future__ import annotations

from rules import ALL_RULES
from rules.kit import run_pack

run_pack("imagefleet", ALL_RULES)
