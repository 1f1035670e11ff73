"""Where the data plane of a Batch account is found."""

from __future__ import annotations

from imagefleet.domain import arm_ids
from imagefleet.live.bodies import plain
from imagefleet.live.clients import Clients
from imagefleet.live.failures import ANSWER_ERRORS, unreadable


def endpoint(clients: Clients, account_id: str) -> str:
    """The `accountEndpoint` that the account shows; raises `Unreadable` where it shows none."""
    parsed = arm_ids.parse(account_id)
    client = clients.batch(parsed.subscription_id or "").batch_account
    try:
        shown = plain(client.get(parsed.resource_group or "", parsed.name))
        return str(shown["properties"]["accountEndpoint"])
    except ANSWER_ERRORS as error:
        raise unreadable(title(account_id), error) from error


def title(account_id: str) -> str:
    """An account, for people."""
    return f"Batch account {arm_ids.parse(account_id).name}"
