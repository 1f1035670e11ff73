"""Messages as services and tools print them, each with the one error it stands for."""

from __future__ import annotations

MESSAGES = (
    (
        (
            "The specified type of authentication SharedKey is not allowed when external "
            "resources of type Compute are linked."
        ),
        "shared-key-refused",
    ),
    (
        "The specified type of authentication SharedKey is not allowed for this account.",
        "shared-key-refused",
    ),
    (
        ("The client does not have permission 'Microsoft.Compute/disks/beginGetAccess/action'"),
        "image-not-readable",
    ),
    ("Code=LinkedAuthorizationFailed: the client has no rights", "linked-resource-refused"),
    (
        (
            "LinkedAuthorizationFailed: The client has permission, however the current tenant "
            "'a' is not authorized to access linked subscription 'b'"
        ),
        "image-in-another-tenant",
    ),
    ("Code: MissingSubscriptionRegistration", "provider-not-registered"),
    ("PrincipalNotFound: it might be related to a replication delay", "principal-not-found"),
    (
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        "role-assignment-fixed",
    ),
    ('"code":"RoleAssignmentExists"', "role-assignment-exists"),
    ("RoleDefinitionHasAssignments", "role-definition-in-use"),
    ("InvalidPrincipalId: the principal 'x' is no GUID", "role-definition-unusable"),
    (
        (
            "The client 'a' does not have authorization to perform action "
            "'Microsoft.Batch/batchAccounts/pools/write' over scope '/b' or the scope is "
            "invalid."
        ),
        "no-right-to-make-pools",
    ),
    ("AADSTS700024: Client assertion is not within its valid time range.", "login-expired"),
    ("AADSTS700213: No matching federated identity record found", "federated-subject-mismatch"),
    ("AADSTS70021: No matching federated identity record", "federated-subject-mismatch"),
    (
        (
            'Status=404 Code="GalleryImageNotFound" Message="The gallery image '
            "/SharedGalleries/x is not available in southeastasia region. Please contact image "
            'owner"'
        ),
        "image-not-in-region",
    ),
    (
        (
            "Gallery image version publishing profile regions 'northeurope' must contain the "
            "location of image version 'East US'."
        ),
        "home-region-missing",
    ),
    ("Duplicate regions are not allowed in target publishing regions", "region-twice"),
    (
        (
            "Source 's' is not found. Please check source exists, and is in the same region as "
            "gallery image version being created"
        ),
        "source-in-another-region",
    ),
    ("Changing property 'sourceResourceId' is not allowed.", "source-fixed"),
    (
        (
            "Changing property 'galleryImageVersion.properties.storageProfile.source.id' is not"
            " allowed."
        ),
        "source-fixed",
    ),
    ("Changing property 'galleryImage.properties.osState' is not allowed.", "definition-fixed"),
    ("PropertyChangeNotAllowed: 'x' is fixed", "property-fixed"),
    (
        (
            "The resource with id 'x' has a different OS state ['Specialized'] than the parent "
            "gallery image OS state ['Generalized']."
        ),
        "specialized-source",
    ),
    (
        (
            "The resource has a different Hypervisor generation ['V2'] than the parent gallery "
            "image Hypervisor generation ['V1']."
        ),
        "generation-differs-from-definition",
    ),
    (
        "The image version name is invalid: expected Major(int).Minor(int).Patch(int)",
        "version-number-invalid",
    ),
    ("Gallery name is invalid, characters including dashes", "gallery-name-invalid"),
    (
        "A gallery image identified by (publisher:a, offer:b, sku:c) already exists",
        "identifier-taken",
    ),
    ("Can not delete resource before nested resources are deleted.", "nested-resources-left"),
    (
        "CannotDeleteResource: Cannot delete resource while nested resources exist.",
        "nested-resources-left",
    ),
    ("DeleteGalleryImageVersionBlockedBeforeEndOfLife", "deletion-blocked"),
    ("The source resource size 4 TB exceeds the max size 2 TB", "disk-too-large"),
    (
        (
            "VMMarketplaceInvalidInput: Creating a virtual machine from a custom image sourced "
            "from a Marketplace image requires Plan information in the request."
        ),
        "purchase-plan",
    ),
    (
        (
            "The provided gallery image only support creation of Vms and Vm scale Sets with "
            "'TrustedLaunch' security type. (Code: badrequest)"
        ),
        "trusted-launch-only",
    ),
    (
        (
            "Currently only Vhd Blob, User Image and Gallery Image Version sources are "
            "supported for 'TrustedLaunchSupported' images."
        ),
        "trusted-launch-source",
    ),
    ("OperationNotAllowed: the machine is what it is", "image-capture-refused"),
    (
        (
            "OSProvisioningClientError: this suggests the guest OS has not been properly "
            "prepared to be used as a VM image"
        ),
        "image-not-prepared",
    ),
    (
        "Specified property version can only have a value when publisher is set.",
        "image-reference-mixed",
    ),
    (
        "A property that cannot be updated was specified as part of the request.",
        "pool-part-fixed",
    ),
    (
        (
            "InvalidPropertyValue: The value provided for one of the properties in the request "
            "body is invalid."
        ),
        "property-value-refused",
    ),
    (
        (
            "InvalidPropertyValue: the node agent SKU 'batch.node.windows amd64' is for Windows"
            " and the image is Linux"
        ),
        "node-agent-of-other-os",
    ),
    (
        (
            "Code: AllocationFailed Message: Desired number of low priority nodes could not be "
            "allocated Provider Error Json - "
            '{\\"error\\":{\\"code\\":\\"BadRequest\\",\\"message\\":\\"The selected VM size '
            '\\u0027a\\u0027 cannot boot Hypervisor Generation \\u00272\\u0027.\\"}}'
        ),
        "size-of-other-generation",
    ),
    ("AccountCoreQuotaReached", "core-quota-reached"),
    (
        (
            "AllocationTimedout: Desired number of dedicated nodes could not be allocated as "
            "the resize timeout was reached"
        ),
        "resize-timed-out",
    ),
    ("AccountLowPriorityCoreQuotaReached", "core-quota-reached"),
    ("PoolQuotaReached: the account has 100 pools", "pool-quota-reached"),
    ("SubscriptionQuotaExceeded: the regional account quota", "account-quota-reached"),
    ("TooManyRequests: ask again after 10 s", "too-many-requests"),
    ("503 ServiceUnavailable", "service-fails"),
    ("ConnectionReset: the connection was closed", "answer-lost"),
    ("PreconditionFailed: the resource has changed", "changed-meanwhile"),
    ('{"code": "Conflict", "message": "under way"}', "busy-or-kept"),
    ("OperationFailed: it has ended as Failed", "operation-failed"),
    ("ReplicationJobFailed: westeurope", "replication-failed"),
    ("AllocationFailed: Desired number of nodes could not be allocated", "allocation-failed"),
    (
        ("Deployment allocation failed because VM size does not support storage account type."),
        "premium-disk-on-plain-size",
    ),
    ("BatchAgentInstallationFailure", "node-agent-installation"),
    ("3 nodes are in state unusable", "nodes-unusable"),
    ("PoolBeingResized: the pool 'a' is being resized", "pool-resizing"),
    ("AccountNameTaken: imagefleet", "account-name"),
    (
        (
            "cannot create already existing subresource "
            "'/subscriptions/0/resourceGroups/g/providers/Microsoft.Compute/galleries/x'"
        ),
        "already-exists",
    ),
    ("ResourceNotFound: The Resource was not found", "not-found"),
    ("InvalidParameter: osType", "parameter-refused"),
    ("InvalidResourceName: the name is wrong", "name-invalid"),
    ("OperationTimedOut: the wait is over", "operation-timed-out"),
    ("InvalidResourceType: no such type", "not-simulated"),
    (
        (
            "can't run policy 'x' from policy pack 'y' during preview: string value at .name "
            "can't be known during preview"
        ),
        "policy-not-checked",
    ),
    ("Calling __str__ on an Output[T] is not supported.", "output-in-text"),
    (
        (
            "cannot ignore changes to the following properties because one or more elements of "
            "the path are missing"
        ),
        "ignored-path-missing",
    ),
)
