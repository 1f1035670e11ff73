"""Every form of an azure-native token means the same type."""

from __future__ import annotations

import importlib

import pytest

from rules import tokens

FORMS = [
    ("azure-native:compute:GalleryImage", None),
    ("azure-native:compute/v20230703:GalleryImage", "2023-07-03"),
    ("azure-native:compute/v20230703preview:GalleryImage", "2023-07-03-preview"),
    ("azure-native_compute_v20230703:compute:GalleryImage", "2023-07-03"),
    ("azure-native_compute_v20230703preview:compute:GalleryImage", "2023-07-03-preview"),
    (
        "azure-native_compute_v20230703privatepreview:compute:GalleryImage",
        "2023-07-03-privatepreview",
    ),
    ("azure-native_compute_v20230703:compute/v20230703:GalleryImage", "2023-07-03"),
    ("azure-nextgen:compute/latest:GalleryImage", None),
    ("azure-nextgen:compute/v20200930:GalleryImage", "2020-09-30"),
]


@pytest.mark.parametrize(("token", "version"), FORMS)
def test_every_form_has_the_default_form_as_its_canonical_one(token, version):
    assert tokens.parse(token) == tokens.TypeToken(tokens.GALLERY_IMAGE, version)


@pytest.mark.parametrize(
    "token",
    [
        "azure:compute/sharedImage:SharedImage",
        "aws:s3/bucket:Bucket",
        "imagefleet:compute:ReplicatedImageVersion",
        "pulumi:pulumi:Stack",
        "pulumi:providers:azure",
        "azure-native_batch_v20240701:compute:GalleryImage",
        "azure-native_compute:compute:GalleryImage",
        "azure-native",
        "azure-native:compute:GalleryImage:more",
        "",
        "::",
    ],
)
def test_what_is_no_azure_native_token_stays_as_it_is(token):
    parsed = tokens.parse(token)
    assert parsed.canonical == token
    assert parsed.api_version is None


@pytest.mark.parametrize("token", sorted((tokens.COVERED | tokens.HARMLESS) - {tokens.PROVIDER}))
def test_the_provider_has_a_class_of_this_token(token):
    _, module, name = token.split(":")
    package = importlib.import_module(f"pulumi_azure_native.{module}")
    assert getattr(package, name).pulumi_type == token


@pytest.mark.parametrize("token", [tokens.DEPLOYMENT, tokens.GENERIC_RESOURCE])
def test_the_provider_has_a_class_of_this_template_token(token):
    package = importlib.import_module("pulumi_azure_native.resources")
    assert getattr(package, token.rpartition(":")[2]).pulumi_type == token
