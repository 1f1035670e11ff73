"""ARM templates as samples, and what the walk through them gives."""

from __future__ import annotations

import json

from rules import tokens
from rules.canonical import Resource
from rules.templates import expand, troubles
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
CLASSIC = "azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment"
IMAGES = "Microsoft.Compute/galleries/images"


def definition(state="Specialized", name="render/linux", **more):
    properties = {"osState": state}
    return {
        "type": IMAGES,
        "apiVersion": "2024-03-03",
        "name": name,
        "properties": properties,
    } | more


def deployment(*resources, given=None, **template):
    properties = {
        "mode": "Incremental",
        "template": {"resources": list(resources)} | template,
        "parameters": given,
    }
    return Sample(
        name="t",
        type=tokens.DEPLOYMENT,
        props={"resourceGroupName": "rg", "properties": properties},
    )


def host(sample):
    return Resource(urn="u", name="t", type=sample.type, token=sample.type, props=sample.props)


def inner(sample):
    return expand(host(sample))


def trouble(sample):
    return [(one.path, one.actual, one.unknown) for one in troubles(host(sample))]


FORMS = {
    "text": lambda sample: Sample(
        type=tokens.DEPLOYMENT,
        props={"properties": {"template": json.dumps(sample.props["properties"]["template"])}},
    ),
    "classic": lambda sample: Sample(
        type=CLASSIC, props={"templateContent": json.dumps(sample.props["properties"]["template"])}
    ),
    "versioned": lambda sample: Sample(
        type="azure-native_resources_v20240301:resources:Deployment", props=sample.props
    ),
    "at subscription": lambda sample: Sample(
        type="azure-native:resources:DeploymentAtSubscriptionScope", props=sample.props
    ),
}
