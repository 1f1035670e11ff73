"""A wrong identity is refused by the service that was asked, with that service's own code."""

from __future__ import annotations

import pytest

from imagefleet.offline.model import AzureError
from tests.offline.azure.world import VERSION

NONE_NAMED = {"type": "UserAssigned", "userAssignedIdentities": []}
NO_IDENTITY = {"type": "UserAssigned", "userAssignedIdentities": [VERSION]}
NOT_WANTED = {"type": "None", "userAssignedIdentities": [VERSION]}
CODES = {
    "Gallery": "InvalidParameter",
    "BatchAccount": "InvalidPropertyValue",
    "Pool": "InvalidPropertyValue",
}


NAMES = {"Gallery": {"galleryName": "other"}, "BatchAccount": {"accountName": "otherbatch"}}


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("identity", [NONE_NAMED, NO_IDENTITY, NOT_WANTED])
def test_the_code_is_that_of_the_service(account, kind, identity):
    with pytest.raises(AzureError) as refused:
        account.make(kind, {**NAMES.get(kind, {}), "identity": identity})
    assert refused.value.code == CODES[kind]
    assert refused.value.target == "identity.userAssignedIdentities"
