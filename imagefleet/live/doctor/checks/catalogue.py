"""Every check, in the order in which a person would look."""

from __future__ import annotations

from typing import Final

from imagefleet.live.doctor.checks import (
    access,
    account_checks,
    images,
    nodes,
    quotas,
    source_checks,
    subscriptions,
)

CHECKS: Final = (
    *subscriptions.CHECKS,
    *access.CHECKS,
    *source_checks.CHECKS,
    *images.CHECKS,
    *account_checks.CHECKS,
    *quotas.CHECKS,
    *nodes.CHECKS,
)
