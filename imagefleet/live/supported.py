"""What one Batch account says it supports: Marketplace images with their node agents (D42)."""

from __future__ import annotations

from datetime import date

from imagefleet.domain import arm_ids
from imagefleet.domain.image_catalogue import ImageCatalogue, of_service
from imagefleet.live.bodies import plain
from imagefleet.live.clients import Clients
from imagefleet.live.doctor import reads
from imagefleet.live.failures import unreadable


def supported_images(clients: Clients, account_id: str, on: date) -> ImageCatalogue:
    """Ask the account; raises `Unreadable` where it cannot be read."""
    parsed = arm_ids.parse(account_id)
    what = f"Batch account {parsed.name}"
    try:
        client = clients.batch(parsed.subscription_id or "").batch_account
        shown = plain(client.get(parsed.resource_group or "", parsed.name))
        endpoint = str(shown["properties"]["accountEndpoint"])
        bodies = reads.supported_images(endpoint).call(clients)
    except Exception as error:
        raise unreadable(what, error) from error
    return of_service(bodies, account=parsed.name, on=on)
