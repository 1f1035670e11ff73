"""Every rule of the pack, in the order of docs/policies.md."""

from __future__ import annotations

from rules.account import ACCOUNT_ENTRA_ONLY
from rules.builder import BUILDER_NO_TRUSTED_LAUNCH
from rules.honesty import NOT_COVERED, UNDECIDED, UNDECIDED_NOTED
from rules.image import IMAGE_GENERALIZED, IMAGE_NO_TRUSTED_LAUNCH
from rules.image_version import VERSION_NO_UEFI_KEYS
from rules.managed_image import MANAGED_IMAGE_GENERALIZED
from rules.pool import POOL_NO_TRUSTED_LAUNCH
from rules.snapshot import SNAPSHOT_NO_TRUSTED_LAUNCH
from rules.verdicts import Rule, StackRule

# Order matters twice: the rule for every type comes first because the first one pays for the
# view that the others share (kit.py), and the rules about open questions come after all others.
ALL_RULES: tuple[Rule | StackRule, ...] = (
    NOT_COVERED,
    IMAGE_GENERALIZED,
    MANAGED_IMAGE_GENERALIZED,
    IMAGE_NO_TRUSTED_LAUNCH,
    VERSION_NO_UEFI_KEYS,
    SNAPSHOT_NO_TRUSTED_LAUNCH,
    BUILDER_NO_TRUSTED_LAUNCH,
    POOL_NO_TRUSTED_LAUNCH,
    ACCOUNT_ENTRA_ONLY,
    UNDECIDED,
    UNDECIDED_NOTED,
)

__all__ = ["ALL_RULES", "Rule", "StackRule"]
