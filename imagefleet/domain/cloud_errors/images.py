"""Errors of galleries, definitions, versions and what they are made from."""

from __future__ import annotations

from typing import Final

from imagefleet.domain.cloud_errors.model import KnownError, Topic

_SHARED = "Azure documentation, Troubleshoot shared images"

ERRORS: Final = (
    KnownError(
        id="image-not-in-region",
        codes=("GalleryImageNotFound",),
        texts=("The gallery image ... is not available in ... region",),
        brief="The image has no replica in that region (yet): check targets and replication.",
        meaning="Batch found no version of the image in the region of the pool's account.",
        causes=(
            "the region is not among the version's targets",
            "replication to it has not finished; that can take hours",
            "a definition's id was given, and every version is excluded from latest there",
        ),
        fix=(
            "Let a pool in that region list the version, or name the region under extraRegions; "
            "wait until replication says Completed; pin the version in the id."
        ),
        topics=(Topic.REPLICAS,),
        sentences=("D29", "D11"),
        source=f"pulumi/pulumi-aws#5129, {_SHARED}",
    ),
    KnownError(
        id="home-region-missing",
        texts=(
            "publishing profile regions ... must contain the location of image version",
            "must be among the targetRegions",
        ),
        brief="Add the version's own region to its target regions.",
        meaning="A version is replicated from its home region, which must be a target itself.",
        causes=("the home region is left out, or spelled in another way",),
        fix="Write regions in one spelling; imagefleet always adds the home region.",
        topics=(Topic.REPLICAS, Topic.PLACE),
        sentences=("D29",),
        source="hashicorp/packer#8895",
    ),
    KnownError(
        id="region-twice",
        texts=("Duplicate regions are not allowed",),
        brief="One region is listed twice, in two spellings: keep one.",
        meaning="`East US` and `eastus` are one region, and a version may target each once.",
        causes=("two spellings of one region",),
        fix="Use the short form in lower case everywhere.",
        topics=(Topic.REPLICAS,),
        sentences=("D29",),
        source=_SHARED,
    ),
    KnownError(
        id="source-in-another-region",
        texts=(
            "Please check source exists, and is in the same region",
            "is not found. Please check source exists",
        ),
        brief="The source is missing or in another region: it must be in the home region.",
        meaning="Snapshots, managed images and versions are made where their source lies.",
        causes=(
            "disk, snapshot or image is in another region than the version",
            "the source was deleted",
        ),
        fix=(
            "Copy the source to the fleet's location (an incremental snapshot can be copied across "
            "regions), or set `location` to where it is."
        ),
        topics=(Topic.SOURCES, Topic.PLACE),
        sentences=("D26", "D60"),
        source=f"{_SHARED}, Azure/azure-cli#3809, Azure/azure-cli#14560",
    ),
    KnownError(
        id="source-fixed",
        texts=(
            "Changing property 'sourceResourceId' is not allowed",
            "Changing property 'sourceUri' is not allowed",
            "Changing property '...source.id' is not allowed",
            "Changing property 'creationData",
        ),
        brief="A source never changes: give the new one a new version number.",
        meaning="What a snapshot or an image version was made from is fixed for good.",
        causes=("the source was changed under the same version",),
        fix="Undo the change, and add the new source under a new version number.",
        topics=(Topic.SOURCES,),
        sentences=("D5",),
        source="hashicorp/packer-plugin-azure#459, Azure/azure-cli#22166",
    ),
    KnownError(
        id="definition-fixed",
        texts=("Changing property 'galleryImage.properties",),
        brief="A definition's OS, generation and names are fixed: make a new definition.",
        meaning=(
            "OS type, OS state, generation, architecture and identifier of an image definition "
            "never change."
        ),
        causes=("one of them was changed in the stack file, or by the service's new default",),
        fix="Undo the change, or add another image with a key of its own.",
        topics=(Topic.LINEAGE,),
        sentences=("D37", "D18"),
        source=_SHARED,
    ),
    KnownError(
        id="property-fixed",
        codes=("PropertyChangeNotAllowed",),
        brief="This property is fixed once the resource exists: make it under a new name.",
        meaning="The service cannot change this property of an existing resource.",
        causes=("the property was changed under the same name or version",),
        fix="Undo the change, or give the resource a new version number or key.",
        topics=(Topic.SOURCES,),
        sentences=("D5",),
        source="Azure documentation, Troubleshoot common Azure deployment errors",
        general=True,
    ),
    KnownError(
        id="specialized-source",
        texts=(
            "different OS state ['Specialized']",
            "needs a Generalized image",
            "Parameter 'osProfile' is not allowed",
        ),
        brief="Generalize the machine (waagent or sysprep) and mark it generalized.",
        meaning="Batch takes generalized images only, and this source is specialized.",
        causes=(
            "sysprep or waagent was run, but the machine was never marked as generalized",
            "the definition was made for specialized images",
        ),
        fix=(
            "Linux: `waagent -deprovision+user`; Windows: `sysprep /generalize /shutdown`. Then "
            "`az vm deallocate` and `az vm generalize`, and capture again."
        ),
        topics=(Topic.SOURCES,),
        sentences=("D37", "D38"),
        source=f"Azure/azure-cli#24972, {_SHARED}",
    ),
    KnownError(
        id="generation-differs-from-definition",
        texts=("different Hypervisor generation ... than the parent",),
        brief="Definition and source are of different generations: make a new definition.",
        meaning="The source's Hyper-V generation is not that of the image definition.",
        causes=(
            "the definition was made without a generation and took the default of its API version",
            "the source disk has no generation, which counts as V1",
        ),
        fix="A definition's generation never changes: make another one with the right one.",
        topics=(Topic.LINEAGE,),
        source="MicrosoftDocs/azure-docs#118774, Azure/azure-cli#21264",
    ),
    KnownError(
        id="version-number-invalid",
        texts=("image version name is invalid", "Major(int).Minor(int).Patch(int)"),
        brief="A version is three whole numbers, such as 1.2.0.",
        meaning="An image version is named Major.Minor.Patch, each at most 2,147,483,647.",
        causes=("a date, a `v` or a fourth number was written",),
        fix="Write three whole numbers, in quotes.",
        sentences=("D5",),
        source="hashicorp/terraform-provider-azurerm#2101, Azure documentation, image versions",
    ),
    KnownError(
        id="gallery-name-invalid",
        codes=("GalleryNameNotUnique",),
        texts=("Gallery name is invalid",),
        brief="A gallery takes letters, digits, _ and . only, unique in the subscription.",
        meaning="The name of the gallery breaks the service's rule, or is taken.",
        causes=("a dash in the name", "another group of the subscription has a gallery so named"),
        fix="Choose another gallery.name: letters and digits at both ends, _ and . inside.",
        topics=(Topic.GALLERY,),
        source="hashicorp/terraform-provider-azurerm#2101",
    ),
    KnownError(
        id="identifier-taken",
        codes=("ImageDefinitionIdentifierNotUnique",),
        texts=("identified by (publisher:...) already exists",),
        brief="Publisher, offer and SKU are taken in this gallery: choose another triple.",
        meaning="No two definitions of a gallery may have the same publisher, offer and SKU.",
        causes=("another definition, perhaps of another stack, has the same identifier",),
        fix="Change `identifier` of the image.",
        topics=(Topic.LINEAGE, Topic.GALLERY),
        sentences=("D18",),
        source=_SHARED,
    ),
    KnownError(
        id="nested-resources-left",
        codes=("CannotDeleteResource",),
        texts=(
            "Can not delete resource before nested resources are deleted",
            "Cannot delete resource while nested resources exist",
        ),
        brief="Wait half a minute and run it again; else versions outside this stack exist.",
        meaning="A gallery or definition goes only when nothing is left inside it.",
        causes=(
            "the versions went seconds ago, and the service still counts them",
            "versions exist that this stack does not know",
        ),
        fix=(
            "Run it again after 30 seconds. If it stays, the ids in the message belong to somebody "
            "else: ask before deleting them."
        ),
        topics=(Topic.GALLERY,),
        source="Azure/azure-rest-api-specs#11559, jenkins-infra/azure#1544",
    ),
    KnownError(
        id="deletion-blocked",
        codes=("DeleteGalleryImageVersionBlockedBeforeEndOfLife",),
        brief="Deletion is blocked until the end of life: clear the flag, or wait.",
        meaning="blockDeletionBeforeEndOfLife protects this version until its end-of-life date.",
        causes=("the version was protected on purpose",),
        fix="Clear safetyProfile.blockDeletionBeforeEndOfLife first, or wait for the date.",
        source="Azure documentation, Troubleshoot shared images",
    ),
    KnownError(
        id="disk-too-large",
        texts=("source resource size ... exceeds the max size",),
        brief="A disk is too large for an image version: 2 TB at the most.",
        meaning="Image versions with full replication take disks of less than 2 TB.",
        causes=("the OS or a data disk of the source is larger",),
        fix="Shrink the disk, or keep large data in storage that nodes mount.",
        topics=(Topic.SOURCES,),
        source="MicrosoftDocs/azure-docs#113012",
    ),
    KnownError(
        id="purchase-plan",
        codes=("VMMarketplaceInvalidInput",),
        texts=(
            "requires Plan information in the request",
            "marketplace purchase eligibility check",
        ),
        brief="The image descends from a paid image, which Batch cannot use: choose another.",
        meaning="The base image carries licence or purchase terms of a third party.",
        causes=("the machine was made from a third-party Marketplace image",),
        fix="Build the image again on a first-party base without a plan.",
        topics=(Topic.NODE_AGENTS,),
        sentences=("D41", "D43"),
        source="Azure/azure-rest-api-specs#22133",
    ),
    KnownError(
        id="trusted-launch-only",
        texts=(
            "only support... creation of Vms and Vm scale Sets with 'TrustedLaunch' security type",
            "gallery image only supports 'TrustedLaunch' security type",
        ),
        brief="The definition is for Trusted Launch only: make a Standard one.",
        meaning="Nodes of a standard pool cannot start from a TrustedLaunch image.",
        causes=("the definition, or the source machine, was made with Trusted Launch",),
        fix=(
            "Build the source with the standard security type, and make a definition whose "
            "SecurityType is Standard."
        ),
        topics=(Topic.LINEAGE, Topic.SOURCES),
        sentences=("D19", "D20"),
        source="jenkinsci/azure-vm-agents-plugin#459, MicrosoftDocs/azure-docs#116656",
    ),
    KnownError(
        id="trusted-launch-source",
        texts=(
            "sources are supported for 'TrustedLaunchSupported' images",
            "Currently only Vhd Blob, User Image and Gallery Image Version sources",
        ),
        brief="A TrustedLaunchSupported definition takes no VM, disk or snapshot as source.",
        meaning=(
            "Definitions of type TrustedLaunchSupported take a VHD, a managed image or another "
            "version as source, and nothing else."
        ),
        causes=("a newer API or tool made the definition TrustedLaunchSupported by default",),
        fix="Set SecurityType: Standard (imagefleet writes it), or go over a managed image.",
        topics=(Topic.LINEAGE, Topic.SOURCES),
        sentences=("D19", "D20", "D25"),
        source="microsoft/STL#4682, hashicorp/packer-plugin-azure#304",
    ),
    KnownError(
        id="image-capture-refused",
        codes=("OperationNotAllowed",),
        brief="Not allowed for this resource as it is, often a Trusted Launch machine.",
        meaning="The service refuses the operation on the resource in its present state.",
        causes=(
            "a managed image is captured from a Trusted Launch machine, which is impossible",
            "a version is changed while it is being replicated",
        ),
        fix="Build the source with the standard security type; else wait and run it again.",
        topics=(Topic.SOURCES,),
        sentences=("D19", "D20"),
        source="hashicorp/packer#13189",
        general=True,
    ),
    KnownError(
        id="image-not-prepared",
        codes=("OSProvisioningClientError",),
        texts=("has not been properly prepared to be used as a VM image",),
        brief="The image was not generalized properly: prepare the machine again.",
        meaning="The guest did not come up as a fresh machine would.",
        causes=(
            "the machine was marked as generalized, but waagent or sysprep did not run",
            "an extension left its state in the image",
        ),
        fix="Remove extensions, deprovision or sysprep again, and capture a new version.",
        topics=(Topic.SOURCES,),
        sentences=("D37", "D47", "D48"),
        source="jenkinsci/azure-vm-agents-plugin#661, Azure/custom-script-extension-linux#94",
    ),
)
