"""Errors of who may do what: sign-in, roles, subscriptions, tenants."""

from __future__ import annotations

from typing import Final

from imagefleet.domain.cloud_errors.model import KnownError, Topic

ERRORS: Final = (
    KnownError(
        id="shared-key-refused",
        codes=("AuthenticationErrorDetail",),
        texts=(
            "SharedKey is not allowed when external resources of type Compute are linked",
            "authentication SharedKey is not allowed for this account",
            "cannot allocate a pool with a custom image without AAD credentials",
        ),
        brief="Sign in with Entra ID and take the account key out of the environment.",
        meaning=(
            "A pool from a gallery image is made by a signed-in Entra identity only; the request "
            "came with the account's key."
        ),
        causes=(
            "AZURE_BATCH_ACCESS_KEY or AZURE_BATCH_KEY is set, and the tool prefers it to a login",
            "`az batch account login` was called with --shared-key-auth",
            "the program builds its client from an account name and key",
        ),
        fix=(
            "Remove the key from the environment and the program, sign in with Entra ID (`az "
            "login`, a managed identity or a service principal), and let the account take AAD only."
        ),
        topics=(Topic.AUTHENTICATION,),
        sentences=("D21", "D22", "D67", "D68"),
        source="MicrosoftDocs/azure-docs#51092, Azure/batch-shipyard#197, Azure/BatchExplorer#239",
    ),
    KnownError(
        id="image-not-readable",
        texts=("disks/beginGetAccess/action",),
        brief="Grant the pool's creator a role with disks/beginGetAccess; Reader is not enough.",
        meaning=(
            "The identity that makes the pool may not use the image: besides reading gallery, "
            "definition and version it needs Microsoft.Compute/disks/beginGetAccess/action."
        ),
        causes=(
            "Reader, or Compute Gallery Image Reader alone, was granted",
            "the grant is for another identity than the one that runs this",
            "the grant is minutes old and not known everywhere yet",
        ),
        fix=(
            "Add the identity's object id under `access` (role: custom makes one with just the "
            "four actions); where the gallery's scope does not suffice, scope: resourceGroup."
        ),
        topics=(Topic.ACCESS, Topic.SUBSCRIPTIONS),
        sentences=("D30", "D32"),
        source="MicrosoftDocs/azure-docs#118562",
    ),
    KnownError(
        id="linked-resource-refused",
        codes=("LinkedAuthorizationFailed",),
        brief="The caller may not use what is referred to: check grant, subscription, tenant.",
        meaning="The request names a resource that its caller may not use, such as the image.",
        causes=(
            "the identity has no role with disks/beginGetAccess at the gallery",
            "the gallery belongs to another tenant, which no role can mend",
        ),
        fix="Grant access to the image under `access`; keep gallery and account in one tenant.",
        topics=(Topic.ACCESS, Topic.SUBSCRIPTIONS),
        sentences=("D28", "D32"),
        source="MicrosoftDocs/azure-docs#68563, Azure/azure-cli#30976",
        general=True,
    ),
    KnownError(
        id="image-in-another-tenant",
        texts=("current tenant ... is not authorized to access linked subscription",),
        brief="The image is in another tenant, which Batch does not support: copy it into yours.",
        meaning="Gallery and Batch account must belong to one Microsoft Entra tenant.",
        causes=(
            "the gallery's subscription belongs to another tenant",
            "the login is for the wrong tenant",
        ),
        fix=(
            "Check `az account show --query tenantId` for both subscriptions. No role helps across "
            "tenants: make the image in a gallery of the account's own tenant."
        ),
        topics=(Topic.SUBSCRIPTIONS,),
        sentences=("D28",),
        source="MicrosoftDocs/azure-docs#68563, Azure/bicep#17206",
    ),
    KnownError(
        id="provider-not-registered",
        codes=("MissingSubscriptionRegistration",),
        texts=("subscription is not registered to use namespace",),
        brief="Register Microsoft.Batch in the gallery's subscription too.",
        meaning=(
            "A subscription has not registered the resource provider. Microsoft.Batch must be "
            "registered where the account is, and where the gallery is when that is another one."
        ),
        causes=(
            "the gallery lies in another subscription, where nobody used Batch before",
            "the subscription is new",
        ),
        fix=(
            "Run `az provider register --namespace Microsoft.Batch --subscription ID` and wait for "
            "Registered; then say gallery.batchRegistered: true."
        ),
        topics=(Topic.SUBSCRIPTIONS,),
        sentences=("D27",),
        source="Azure/azure-sdk-for-node#2305, Azure/azure-sdk-for-java#1154",
    ),
    KnownError(
        id="principal-not-found",
        codes=("PrincipalNotFound",),
        brief="The new principal is not known everywhere yet: state its type, run it again.",
        meaning="A role was granted to an identity that the directory does not show yet.",
        causes=(
            "the identity was made seconds ago and the directory is still replicating",
            "principalId is the application's id, not the object id of its service principal",
        ),
        fix="Set principalType of the grant, check principalId, and run it again.",
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="Azure/HubAndSpokeResearchEnclave#50, hashicorp/terraform-provider-azurerm#17357",
    ),
    KnownError(
        id="role-assignment-fixed",
        codes=("RoleAssignmentUpdateNotPermitted",),
        texts=("principal ID, and scope are not allowed to be updated",),
        brief="A grant cannot be changed: delete the old assignment, or import it.",
        meaning="A role assignment never changes its principal, role or scope.",
        causes=("an assignment of this name exists with another principal, role or scope",),
        fix=(
            "Delete the old assignment, or bring it into the stack with `pulumi import`. "
            "imagefleet names its own after scope, principal and role: a change is a new one."
        ),
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="pulumi/pulumi-azure-native#771",
    ),
    KnownError(
        id="role-assignment-exists",
        codes=("RoleAssignmentExists",),
        brief="The same grant exists under another name: delete it, or import it.",
        meaning="Principal, role and scope are granted already, by an assignment of another name.",
        causes=("somebody granted it by hand, or another stack did",),
        fix="Delete that assignment, or bring it into this stack with `pulumi import`.",
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="general knowledge of Azure RBAC; not seen in a report",
    ),
    KnownError(
        id="role-definition-in-use",
        codes=("RoleDefinitionHasAssignments",),
        brief="The custom role is still granted: remove its assignments, then run it again.",
        meaning="A role definition cannot be deleted while assignments refer to it.",
        causes=("somebody granted the fleet's custom role outside this stack",),
        fix="Delete the assignments (`az role assignment list --role NAME --all`), run it again.",
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="Azure documentation, Troubleshoot Azure RBAC",
    ),
    KnownError(
        id="role-definition-unusable",
        codes=(
            "InvalidAssignableScope",
            "InvalidPrincipalId",
            "InvalidRoleDefinitionId",
            "RoleDefinitionDoesNotExist",
            "RoleDefinitionPermissionsRequired",
            "RoleDefinitionWithSameNameExists",
        ),
        brief="The grant names a role, scope or principal that is not usable: check `access`.",
        meaning="A role definition or assignment is malformed, or refers to what does not exist.",
        causes=(
            "principalId is no GUID of an object in this directory",
            "the role is missing in this cloud, or another custom role has its name",
        ),
        fix="Check the entry under `access`; `role: custom` depends on no built-in role.",
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="Azure documentation, Troubleshoot Azure RBAC",
    ),
    KnownError(
        id="no-right-to-make-pools",
        codes=("AuthorizationFailed",),
        texts=("does not have authorization to perform action",),
        brief="This identity lacks the right, or got it moments ago: check who runs this.",
        meaning="The signed-in identity may not do what it asked for in that scope.",
        causes=(
            "another identity runs this than the one that was tried by hand",
            "the right was granted moments ago: sign in again",
            "the role lacks it: Azure Batch Data Contributor writes pools, Reader does not",
        ),
        fix=(
            "Look which object id the message names, grant it the role at the account or its "
            "group, and sign in again."
        ),
        topics=(Topic.ACCESS,),
        sentences=("D30",),
        source="Azure/Batch#154",
    ),
    KnownError(
        id="login-expired",
        codes=("AADSTS700024",),
        texts=("Client assertion is not within its valid time range",),
        brief="The login token ran out during the run: use the provider's own OIDC exchange.",
        meaning="The CI system's token is good for 5 to 10 minutes, and the update took longer.",
        causes=("`az login` was done at the start of the job, and its assertion was used again",),
        fix=(
            "Let the provider fetch tokens itself: ARM_USE_OIDC=true with ARM_CLIENT_ID, "
            "ARM_TENANT_ID and ARM_SUBSCRIPTION_ID, and no `az login` before."
        ),
        source="Azure/azure-cli#28708, Azure/login#180",
    ),
    KnownError(
        id="federated-subject-mismatch",
        codes=("AADSTS70021", "AADSTS700213", "AADSTS7002138"),
        brief="The workflow's subject matches no federated credential: compare the two.",
        meaning="The subject that this workflow presents is not the one the application trusts.",
        causes=(
            "a pull request, a branch and an environment each present another subject",
            "the case differs, or the repository now presents immutable ids",
        ),
        fix=(
            "Copy the presented subject from the message into a federated credential of the "
            "application; one is needed for each kind of run."
        ),
        source="Azure/login#178, Azure/login#453, Azure/login#573",
    ),
)
