"""The one address of the doors that Azure does not have: the simulated clock, read and moved."""

from __future__ import annotations

from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.simulate.errors import unknown_path
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import Site

PATH = "/simulated/clock"


def answer(site: Site, request: Request) -> Answer:
    """Say what time it is (GET), after moving the clock on (POST `{"minutes": 15}`)."""
    if request.method == "POST":
        minutes = request.json().get("minutes")
        good = isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes >= 0
        if not good:
            message = f"'minutes' must be a number that is not negative, got {minutes!r}"
            raise AzureError("InvalidRequestContent", message, target="minutes")
        site.azure.advance(float(minutes or 0))
    elif request.method != "GET":
        raise unknown_path(request.method, request.path)
    with site.store.read() as transaction:
        now = transaction.now
    return Answer(body={"minutes": now, "time": clock.timestamp(now)})
