"""The Azure clouds a fleet can live in, and the endpoints each of them uses.

Endpoints differ for each cloud, and a token asked for another cloud's resource is refused, so
they are kept together in one profile (D78). Nothing replicates between clouds: one gallery each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cloud(StrEnum):
    """An Azure cloud, by the name the stack file uses."""

    PUBLIC = "public"
    CHINA = "china"
    USGOV = "usgov"


_CLI = "Azure CLI, cloud definitions"
_IDENTITY = "azure-identity, AzureAuthorityHosts"
_PROVIDER = "Pulumi azure-native, provider configuration"
_GOVERNMENT = "Azure documentation, US Government endpoint tables"
_COMMON = "Azure documentation, Microsoft Entra authentication for the Batch service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address of a cloud, what it is for, where we have it from, and whether that is certain.

    `confirmed` is false where no page of Microsoft's was found that states the value.
    """

    value: str
    purpose: str
    source: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudProfile:
    """What is particular to one cloud.

    `environment` is azure-native's name for it (`azure-native:environment`), `cli_name` Azure
    CLI's (`az cloud set --name`). `batch_audience` ends with a slash, as Azure CLI writes it (D78).
    `account_host_suffix` follows `<account>.<region>.`; prefer the account's own `accountEndpoint`
    output where it is known. Clients are given authority, scope and endpoint from here: azure-batch
    asks the public cloud for its token otherwise, whatever cloud the account is in.
    """

    cloud: Cloud
    environment: str
    cli_name: str
    resource_manager: Endpoint
    authority: Endpoint
    batch_audience: Endpoint
    account_host_suffix: Endpoint
    storage_suffix: Endpoint
    key_vault_suffix: Endpoint
    portal: Endpoint

    @property
    def authority_host(self) -> str:
        """The host that azure-identity signs in at, as its credentials take it."""
        return self.authority.value.removeprefix("https://").rstrip("/")

    @property
    def batch_scope(self) -> str:
        """The scope of a token for Batch; the audience keeps its slash, as azure-batch has it."""
        return f"{self.batch_audience.value}/.default"

    @property
    def resource_manager_scope(self) -> str:
        """The scope of a token for Azure Resource Manager, as the azure-mgmt clients have it."""
        return f"{self.resource_manager.value}.default"

    def account_endpoint(self, account: str, region: str) -> str:
        """The URL at which a Batch account of that name and region answers."""
        return f"https://{account}.{region}.{self.account_host_suffix.value}"

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The endpoints by what they are, in the words of the plan."""
        return MappingProxyType(
            {
                "environment": Endpoint(
                    value=self.environment,
                    purpose="the name azure-native has for this cloud",
                    source=_PROVIDER,
                ),
                "resourceManager": self.resource_manager,
                "authority": self.authority,
                "batchAudience": self.batch_audience,
                "accountHostSuffix": self.account_host_suffix,
                "storageSuffix": self.storage_suffix,
                "keyVaultSuffix": self.key_vault_suffix,
                "portal": self.portal,
            }
        )


def _endpoint(purpose: str, value: str, source: str, *, confirmed: bool = True) -> Endpoint:
    return Endpoint(value=value, purpose=purpose, source=source, confirmed=confirmed)


_MANAGER = "resources are managed at this Azure Resource Manager endpoint"
_SIGN_IN = "Microsoft Entra ID signs people and applications in here"
_AUDIENCE = "a token for Batch is asked for this resource"
_ACCOUNT = "a Batch account answers at <account>.<region>. and this suffix"
_STORAGE = "a storage account answers at <account>.blob. and this suffix"
_VAULT = "a Key Vault answers at <vault>. and this suffix"
_PORTAL = "the Azure portal of this cloud"

PROFILES: Final[Mapping[Cloud, CloudProfile]] = MappingProxyType({
    Cloud.PUBLIC: CloudProfile(
        cloud=Cloud.PUBLIC,
        environment="public",
        cli_name="AzureCloud",
        resource_manager=_endpoint(_MANAGER, "https://management.azure.com/", _CLI),
        authority=_endpoint(_SIGN_IN, "https://login.microsoftonline.com/", _IDENTITY),
        batch_audience=_endpoint(_AUDIENCE, "https://batch.core.windows.net/", _COMMON),
        account_host_suffix=_endpoint(_ACCOUNT, "batch.azure.com", _COMMON),
        storage_suffix=_endpoint(_STORAGE, "core.windows.net", _CLI),
        key_vault_suffix=_endpoint(_VAULT, "vault.azure.net", _CLI),
        portal=_endpoint(_PORTAL, "https://portal.azure.com/", _CLI),
    ),
    Cloud.CHINA: CloudProfile(
        cloud=Cloud.CHINA,
        environment="china",
        cli_name="AzureChinaCloud",
        resource_manager=_endpoint(_MANAGER, "https://management.chinacloudapi.cn/", _CLI),
        authority=_endpoint(_SIGN_IN, "https://login.chinacloudapi.cn/", _IDENTITY),
        batch_audience=_endpoint(_AUDIENCE, "https://batch.chinacloudapi.cn/", "D78"),
        account_host_suffix=_endpoint(_ACCOUNT, "batch.chinacloudapi.cn", "D78", confirmed=False),
        storage_suffix=_endpoint(_STORAGE, "core.chinacloudapi.cn", _CLI),
        key_vault_suffix=_endpoint(_VAULT, "vault.azure.cn", _CLI),
        portal=_endpoint(_PORTAL, "https://portal.azure.cn/", _CLI),
    ),
    Cloud.USGOV: CloudProfile(
        cloud=Cloud.USGOV,
        environment="usgovernment",
        cli_name="AzureUSGovernment",
        resource_manager=_endpoint(
            _MANAGER, "https://management.usgovcloudapi.net/", _CLI, confirmed=False
        ),
        authority=_endpoint(_SIGN_IN, "https://login.microsoftonline.us/", _IDENTITY),
        batch_audience=_endpoint(_AUDIENCE, "https://batch.core.usgovcloudapi.net/", _CLI),
        account_host_suffix=_endpoint(_ACCOUNT, "batch.usgovcloudapi.net", _GOVERNMENT),
        storage_suffix=_endpoint(_STORAGE, "core.usgovcloudapi.net", _CLI),
        key_vault_suffix=_endpoint(_VAULT, "vault.usgovcloudapi.net", _CLI, confirmed=False),
        portal=_endpoint(_PORTAL, "https://portal.azure.us/", _CLI, confirmed=False),
    ),
})  # fmt: skip


def profile(cloud: Cloud) -> CloudProfile:
    """The profile of a cloud."""
    return PROFILES[cloud]


def cloud_of_environment(environment: str) -> Cloud | None:
    """The cloud that azure-native's `environment` names, in any case, or None."""
    wanted = environment.strip().lower()
    for cloud, known in PROFILES.items():
        if known.environment == wanted:
            return cloud
    return None
