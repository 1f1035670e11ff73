"""Subscriptions, tenants and clouds, as far as ids and providers show them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import tokens
from rules.clouds import CLOUD_CONSISTENT
from rules.subscriptions import (
    CROSS_SUBSCRIPTION_REGISTERED,
    SAME_TENANT,
    SAME_TENANT_AUXILIARY,
)
from rules.verdicts import Sample
from tests.policy.neighbours import (
    ABROAD,
    EXTERNAL_VERSION,
    GALLERY,
    HOME,
    UNKNOWN,
    account,
    assignment,
    doubts,
    findings,
    pool,
    stack_of,
    verdict,
    version,
)

FOREIGN = EXTERNAL_VERSION.replace(HOME, ABROAD)


def by(sample: Sample, name: str) -> Sample:
    return replace(sample, provider=name)


def provider(name: str = "azure", token: str = tokens.PROVIDER, **settings: object) -> Sample:
    return Sample(type=token, name=name, props=settings)


def home(subscription: object = HOME) -> Sample:
    return provider("home", subscriptionId=subscription)


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ((home(), by(pool(image=EXTERNAL_VERSION), "home")), "pass"),
        ((home(HOME.upper()), by(pool(image=EXTERNAL_VERSION), "home")), "pass"),
        ((home(), by(pool(image=FOREIGN), "home")), "fail"),
        ((home(UNKNOWN), by(pool(image=FOREIGN), "home")), "undecided"),
        ((home(None), by(pool(image=FOREIGN), "home")), "undecided"),
        ((pool(image=FOREIGN),), "undecided"),
        ((version(), pool()), "pass"),
        ((home(), by(version(), "home"), by(pool(), "home")), "pass"),
        ((pool(image=UNKNOWN),), "undecided"),
        ((pool(image=None),), "not-applicable"),
        (
            (home(), by(pool(image="/sharedGalleries/g/images/i/versions/1.0.0"), "home")),
            "not-applicable",
        ),
    ],
)
def test_an_image_lies_in_the_pools_subscription_or_is_acknowledged(stack, expected):
    assert verdict(CROSS_SUBSCRIPTION_REGISTERED, *stack) == expected


def test_an_acknowledged_subscription_passes_in_any_case():
    stack = home(), by(pool(image=FOREIGN), "home")
    rule = CROSS_SUBSCRIPTION_REGISTERED
    assert verdict(rule, *stack, registeredSubscriptions=[ABROAD.upper()]) == "pass"
    assert verdict(rule, *stack, registeredSubscriptions=[HOME]) == "fail"


def test_an_image_of_an_explicit_provider_elsewhere_is_found():
    joined = pool(image=UNKNOWN, depends={"deploymentConfiguration": ("version",)})
    stack = (
        home(),
        provider("away", subscriptionId=ABROAD),
        by(version(), "away"),
        by(joined, "home"),
    )
    (line,) = findings(CROSS_SUBSCRIPTION_REGISTERED, *stack)
    assert "registered in the image's subscription" in line
    assert ABROAD not in line


def test_an_invisible_subscription_is_external():
    (line,) = doubts(CROSS_SUBSCRIPTION_REGISTERED, pool(image=FOREIGN))
    assert line.startswith("undecided, external: ")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (HOME, HOME.upper(), "pass"),
        (HOME, ABROAD, "fail"),
        (HOME, None, "not-applicable"),
        (None, ABROAD, "not-applicable"),
        (HOME, UNKNOWN, "undecided"),
        (UNKNOWN, ABROAD, "undecided"),
        (HOME, 7, "fail"),
    ],
)
def test_tenants_are_compared_where_both_are_known(ours, theirs, expected):
    stack = (
        provider("ours", tenantId=ours),
        provider("theirs", tenantId=theirs),
        by(version(), "theirs"),
        by(pool(), "ours"),
    )
    assert verdict(SAME_TENANT, *stack) == expected


def test_one_provider_is_one_tenant():
    assert verdict(SAME_TENANT, version(), pool()) == "pass"


def test_an_image_outside_the_stack_has_no_tenant_to_compare():
    assert verdict(SAME_TENANT, pool(image=EXTERNAL_VERSION)) == "not-applicable"
    assert verdict(SAME_TENANT, pool(image=UNKNOWN)) == "undecided"


@pytest.mark.parametrize(
    ("tenants", "expected"),
    [
        (None, "pass"),
        ([], "pass"),
        ("[]", "pass"),
        ("", "pass"),
        ([ABROAD], "fail"),
        (f'["{ABROAD}"]', "fail"),
        ("no json", "fail"),
        (UNKNOWN, "undecided"),
    ],
)
def test_auxiliary_tenants_of_a_pools_provider_are_flagged(tenants, expected):
    stack = provider("azure", auxiliaryTenantIds=tenants), by(pool(), "azure")
    (one,) = stack_of(stack).of_types({tokens.BATCH_POOL})
    judged = SAME_TENANT_AUXILIARY.judge(one, SAME_TENANT_AUXILIARY.context({}))
    assert judged.verdict.value == expected


def test_a_delegated_identity_hints_at_another_tenant():
    rule, named = SAME_TENANT_AUXILIARY, "delegatedManagedIdentityResourceId"
    assert verdict(rule, assignment("x", **{named: GALLERY})) == "fail"
    assert verdict(rule, assignment("x", **{named: UNKNOWN})) == "undecided"
    assert verdict(rule, assignment("x")) == "pass"
    assert verdict(rule, pool()) == "not-applicable"


@pytest.mark.parametrize(
    ("settings", "region", "expected"),
    [
        ({"environment": "china"}, "chinanorth3", "pass"),
        ({"environment": "public"}, "China North 3", "fail"),
        ({"environment": "public"}, "westeurope", "pass"),
        ({"environment": "Public"}, "westeurope", "pass"),
        ({"environment": "public"}, None, "pass"),
        ({"environment": UNKNOWN}, "westeurope", "undecided"),
        ({}, "westeurope", "undecided"),
        ({"metadataHost": "management.chinacloudapi.cn"}, "westeurope", "fail"),
        ({"metadataHost": "https://management.chinacloudapi.cn/"}, "chinanorth3", "pass"),
        ({"metadataHost": "metadata.example"}, "westeurope", "undecided"),
        ({"metadataHost": UNKNOWN}, "westeurope", "undecided"),
        (
            {"environment": "public", "metadataHost": "management.chinacloudapi.cn"},
            "westeurope",
            "fail",
        ),
        ({"environment": "moon"}, "westeurope", "fail"),
        ({"environment": 3}, "westeurope", "fail"),
    ],
)
def test_a_provider_names_the_cloud_of_its_regions(settings, region, expected):
    stack = provider(**settings), by(account(region), "azure")
    assert verdict(CLOUD_CONSISTENT, *stack) == expected


def test_without_regions_all_providers_name_what_the_first_one_says():
    stack = provider("a", environment="china"), provider("b", environment="public")
    assert findings(CLOUD_CONSISTENT, *stack) == [
        "environment is public; needed: china, as the first provider of the stack says."
    ]


def test_a_configured_cloud_outweighs_the_regions():
    stack = provider(environment="public"), by(account("westeurope"), "azure")
    assert verdict(CLOUD_CONSISTENT, *stack, cloud="china") == "fail"
    assert verdict(CLOUD_CONSISTENT, *stack, cloud="public") == "pass"


def test_a_word_that_is_no_cloud_is_not_shown():
    (line,) = findings(CLOUD_CONSISTENT, provider(environment="hunter2"))
    assert "hunter2" not in line
    assert "public, china, usgovernment" in line


@pytest.mark.parametrize(
    "token", ["pulumi:providers:azure-native", "pulumi:providers:azure-native_batch_v20240701"]
)
def test_providers_of_local_packages_are_judged_too(token):
    stack = provider(token=token, environment="public"), by(account("chinanorth3"), "azure")
    assert verdict(CLOUD_CONSISTENT, *stack) == "fail"
