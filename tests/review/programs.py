"""Code that a situation adds to the program: what the stack file has no words for."""

from __future__ import annotations

_POOL = """
import pulumi
from pulumi_azure_native import batch, compute

_extra = batch.Pool(
    "extra",
    pool_name="extra",
    account_name="imagefleetdev",
    resource_group_name="imagefleet-dev",
    vm_size="{size}",
    deployment_configuration=batch.DeploymentConfigurationArgs(
        virtual_machine_configuration=batch.VirtualMachineConfigurationArgs(
            image_reference=batch.ImageReferenceArgs(
                id="/subscriptions/00000000-0000-4000-8000-000000000de0/resourceGroups/imagefleet-dev"
                "/providers/Microsoft.Compute/galleries/imagefleetdev/images/ubuntu/versions/1.0.0"
            ),
            node_agent_sku_id="batch.node.ubuntu 24.04",
        )
    ),
    scale_settings=batch.ScaleSettingsArgs(
        fixed_scale=batch.FixedScaleSettingsArgs(
            target_dedicated_nodes={nodes}, resize_timeout="PT15M"
        )
    ),
    opts=pulumi.ResourceOptions(depends_on=[fleet]),
)
"""
POOL = _POOL.format(size="Standard_D2s_v3", nodes=0)
LARGER_POOL = _POOL.format(size="Standard_D4s_v3", nodes=0)
TRUSTED_LAUNCH = """
import pulumi
from pulumi_azure_native import compute

compute.GalleryImage(
    "trusted",
    gallery_image_name="trusted",
    gallery_name="imagefleetdev",
    resource_group_name="imagefleet-dev",
    hyper_v_generation="V2",
    identifier=compute.GalleryImageIdentifierArgs(publisher="p", offer="trusted", sku="s"),
    os_state="Generalized",
    os_type="Linux",
    features=[compute.GalleryImageFeatureArgs(name="SecurityType", value="TrustedLaunch")],
)
"""
UNKNOWN = """
import pulumi
from pulumi_azure_native import compute, resources

_unknown = resources.ResourceGroup("elsewhere", resource_group_name="elsewhere")
compute.GalleryImage(
    "unknown",
    gallery_image_name="unknown",
    gallery_name="imagefleetdev",
    resource_group_name="imagefleet-dev",
    hyper_v_generation="V2",
    identifier=compute.GalleryImageIdentifierArgs(publisher="p", offer="unknown", sku="s"),
    os_state=_unknown.id.apply(lambda _: "Generalized"),
    os_type="Linux",
    features=[compute.GalleryImageFeatureArgs(name="SecurityType", value="Standard")],
)
"""
HIDDEN = """
import pulumi
from pulumi_azure_native import resources

resources.ResourceGroup(
    "hidden",
    resource_group_name="hidden",
    tags={
        "plain": "shown",
        "marked": pulumi.Output.secret("hush8Zm9vYmFy8"),
        "url": "https://x.blob.core.windows.net/c/f?sv=1&sig=hush2Zm9vYmFy2&se=2",
    },
)
"""


def many(number: int) -> str:
    """Return code that makes so many resources more."""
    return f"""
import pulumi
from pulumi_azure_native import resources

for _number in range({number}):
    resources.ResourceGroup(
        f"group-{{_number:04}}", resource_group_name=f"group-{{_number:04}}", location="westeurope"
    )
"""
