"""Every rule of the pack, in the order of docs/policies.md."""

from __future__ import annotations

from rules import (
    access,
    account,
    builder,
    builder_disks,
    builder_encryption,
    builder_extensions,
    builder_image,
    clouds,
    crosscutting,
    image,
    image_terms,
    image_version,
    lineage,
    lineage_security,
    managed_image,
    pool,
    pool_access,
    pool_agent,
    pool_disks,
    pool_image,
    pool_scale,
    protection,
    regions,
    replication,
    role_scope,
    snapshot,
    subscriptions,
    template_rules,
    version_latest,
    version_source,
)
from rules.exemptions_rule import EXEMPTIONS
from rules.honesty import NOT_COVERED, RULES_SOUND, UNDECIDED, UNDECIDED_NOTED
from rules.settings_rule import PACK_SETTINGS
from rules.verdicts import Rule, StackRule

_FAMILIES: tuple[Rule | StackRule, ...] = (
    *image.RULES,
    *image_terms.RULES,
    *lineage.RULES,
    *lineage_security.RULES,
    *image_version.RULES,
    *version_source.RULES,
    *version_latest.RULES,
    *regions.RULES,
    *replication.RULES,
    *subscriptions.RULES,
    *clouds.RULES,
    *account.RULES,
    *access.RULES,
    *role_scope.RULES,
    *pool_access.RULES,
    *builder.RULES,
    *builder_image.RULES,
    *builder_disks.RULES,
    *builder_extensions.RULES,
    *builder_encryption.RULES,
    *snapshot.RULES,
    *managed_image.RULES,
    *pool.RULES,
    *pool_image.RULES,
    *pool_agent.RULES,
    *pool_scale.RULES,
    *pool_disks.RULES,
    *protection.RULES,
)

# Order matters twice: the settings of the pack come first, for they hold for all others and their
# rule pays for the view that the others share (kit.py); the rules about exemptions and open
# questions come after all others, for they tell what became of those, and the one about faults of
# rules after these too.
ALL_RULES: tuple[Rule | StackRule, ...] = (
    PACK_SETTINGS,
    NOT_COVERED,
    *template_rules.RULES,
    crosscutting.LOCAL_PACKAGE_VERSION,
    crosscutting.ignore_changes_rule(_FAMILIES),
    *_FAMILIES,
    EXEMPTIONS,
    UNDECIDED,
    UNDECIDED_NOTED,
    RULES_SOUND,
)

__all__ = ["ALL_RULES", "Rule", "StackRule"]
