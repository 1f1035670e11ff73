"""Errors of any deployment: Azure Resource Manager's own, and Pulumi's."""

from __future__ import annotations

from typing import Final

from imagefleet.domain import replication
from imagefleet.domain.cloud_errors.model import KnownError, Topic

_MOST = replication.MAXIMUM
_DEPLOYMENTS = "Azure documentation, Troubleshoot common Azure deployment errors"

ERRORS: Final = (
    KnownError(
        id="already-exists",
        codes=("ResourceAlreadyExists",),
        texts=("cannot create already existing",),
        brief="It exists outside this stack: import it, or choose another name.",
        meaning="Something with this name is there already, and the stack does not know it.",
        causes=("it was made by hand, by another stack, or by a run whose state was lost",),
        fix="Bring it in with `pulumi import`, or change the name or key in the stack file.",
        source="pulumi/pulumi-azure-native#3688",
    ),
    KnownError(
        id="not-found",
        codes=("ResourceNotFound", "ParentResourceNotFound", "ResourceGroupNotFound"),
        brief="What is referred to is not there: check id, region and subscription.",
        meaning="The service finds no resource under the id, or none in this region.",
        causes=(
            "a misspelt id, or one of another subscription",
            "the source lies in another region",
            "it was deleted outside this stack: run `pulumi refresh`",
        ),
        fix="Check the id in the message against the stack file, and where the resource lies.",
        topics=(Topic.SOURCES, Topic.GALLERY, Topic.PLACE),
        sentences=("D26", "D60"),
        source=f"{_DEPLOYMENTS}, Azure/azure-cli#9233",
        general=True,
    ),
    KnownError(
        id="parameter-refused",
        codes=("InvalidParameter",),
        brief="Compute refuses a value; source and definition must be of one kind and region.",
        meaning="A value of a snapshot, image, definition or version is not acceptable.",
        causes=(
            "source and definition differ in OS, OS state, generation or security type",
            f"a target region is missing or listed twice, or replicas are not 1 to {_MOST}",
        ),
        fix="Read which property the message names; mend it in the stack file.",
        topics=(Topic.LINEAGE, Topic.SOURCES),
        sentences=("D37",),
        source=_DEPLOYMENTS,
        general=True,
    ),
    KnownError(
        id="name-invalid",
        codes=("InvalidResourceName", "InvalidResourceGroup", "InvalidResourceGroupLocation"),
        brief="The name breaks the service's rule, or the group is in another region.",
        meaning="A resource's name or its group's place is not acceptable.",
        causes=("a character that this type does not take", "the group exists elsewhere"),
        fix="Change the name; for an existing group say resourceGroup.existing: true.",
        source=_DEPLOYMENTS,
    ),
    KnownError(
        id="operation-timed-out",
        codes=("OperationTimedOut",),
        brief="The wait ended, not the work: Azure goes on. Look, then run it again.",
        meaning="The operation took longer than the caller waits; replication can take hours.",
        causes=("a timeout shorter than the replication", "a CI job that ends too early"),
        fix=(
            "Look at the version's replication status; when it is complete, run it again after "
            "`pulumi refresh`."
        ),
        topics=(Topic.REPLICAS,),
        source="hashicorp/terraform-provider-azurerm#3517, pulumi/pulumi#8500",
    ),
    KnownError(
        id="not-simulated",
        codes=("InvalidResourceType",),
        brief="The simulated Azure does not know this type, or Azure has none of that name.",
        meaning="No service answers for this resource type.",
        causes=("a type outside of what this project simulates", "a misspelt type"),
        fix="docs/simulated-azure.md lists what a rehearsal knows; deploy the rest for real.",
        source="simulated Azure",
    ),
    KnownError(
        id="policy-not-checked",
        texts=("can't run policy ... during preview",),
        brief="A policy was not checked, for a value unknown at preview: do not count on it.",
        meaning="A rule stopped at a value that is not known yet, and says nothing about it.",
        causes=("a policy reads an output of a resource that does not exist yet",),
        fix="Check the state after `up`: `imagefleet policy check` over `pulumi stack export`.",
        source="pulumi/pulumi-policy#258",
    ),
    KnownError(
        id="output-in-text",
        texts=("Calling __str__ on an Output",),
        brief="An Output was put into a string: use Output.format or Output.concat.",
        meaning="A value that is known later became its own description inside a name or URL.",
        causes=("an f-string or str() over an output of a resource",),
        fix="Build the text with pulumi.Output.format(...), or from plain values.",
        source="pulumi/pulumi#4650, pulumi/pulumi#10062",
    ),
    KnownError(
        id="ignored-path-missing",
        texts=("cannot ignore changes to the following properties",),
        brief="ignore_changes names a path that is not set: take it out, or set the property.",
        meaning="The engine cannot ignore a property that one of the two sides lacks.",
        causes=("a path whose parent is absent",),
        fix="Name the nearest property that is always set.",
        source="pulumi/pulumi-azure-native#2908",
    ),
)
