"""What one Batch account says it supports: Marketplace images with their node agents (D42)."""

from __future__ import annotations

from datetime import date

from imagefleet.domain import arm_ids
from imagefleet.domain.image_catalogue import ImageCatalogue, of_service
from imagefleet.live import account
from imagefleet.live.clients import Clients
from imagefleet.live.doctor.reads import Read, supported_images
from imagefleet.live.failures import ANSWER_ERRORS, unreadable


def catalogue(endpoint: str, account_name: str, on: date) -> Read[ImageCatalogue]:
    """The question what the account at an `accountEndpoint` supports."""
    listed = supported_images(endpoint)

    def call(clients: Clients) -> ImageCatalogue:
        return of_service(listed.call(clients), account=account_name, on=on)

    return Read(what=listed.what, key=listed.key, call=call)


def ask(clients: Clients, account_id: str, on: date) -> ImageCatalogue:
    """Ask an account; raises `Unreadable` where it cannot be read."""
    endpoint = account.endpoint(clients, account_id)
    try:
        return catalogue(endpoint, arm_ids.parse(account_id).name, on).call(clients)
    except ANSWER_ERRORS as error:
        raise unreadable(account.title(account_id), error) from error
