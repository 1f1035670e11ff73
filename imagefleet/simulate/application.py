"""The doors as an ASGI application: tokens, faults around the handlers, errors as bodies."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from imagefleet.offline.model import AnswerLostError, AzureError
from imagefleet.offline.store import StoreError
from imagefleet.simulate import clockwork, entra, tokens
from imagefleet.simulate.arm import door as arm
from imagefleet.simulate.batch import door as batch
from imagefleet.simulate.conditions import NOT_MODIFIED, NotModifiedError
from imagefleet.simulate.errors import arm_error, batch_error
from imagefleet.simulate.messages import Answer, Around, DroppedConnectionError, Handler, Request
from imagefleet.simulate.site import Site

DROP = "imagefleet.drop"
BATCH = "/batch/"
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_LOG = logging.getLogger(__name__)


def needs_threads(site: Site, around: Around | None) -> bool:
    """Whether an answer may take its time, so that others must not wait for it.

    Faults may let one take seconds; without them it takes a millisecond, of which a thread of its
    own would be a fifth.
    """
    return around is not None or site.azure is not site.model


def application(
    site: Site, around: Around | None = None, threads: ThreadPoolExecutor | None = None
) -> ASGIApp:
    """Return the application of one site; `around` stands between tokens and handlers.

    With `threads` requests are answered there, side by side; whoever made them ends them. One
    address pattern and one handler need no router and none of its layers, which would be a
    tenth of what a request costs.
    """
    handler = handler_of(site, around)

    async def answered(request: Request) -> Answer:
        if threads is None:
            return handler(request)
        return await asyncio.get_running_loop().run_in_executor(threads, handler, request)

    async def endpoint(web: WebRequest) -> Response:
        if web.method not in _METHODS:
            return Response(status_code=405, headers={"Allow": ", ".join(_METHODS)})
        request = Request(
            method=web.method,
            path=web.scope["path"],
            query={name.casefold(): value for name, value in web.query_params.items()},
            headers={name.casefold(): value for name, value in web.headers.items()},
            body=await web.body(),
        )
        try:
            answer = await answered(request)
        except DroppedConnectionError:
            drop = web.scope.get("extensions", {}).get(DROP)
            if drop is not None:
                drop()
                await asyncio.sleep(0)
            return Response(status_code=500)
        return _response(request, answer)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(WebRequest(scope, receive))
        await response(scope, receive, send)

    return app


def handler_of(site: Site, around: Around | None = None) -> Handler:
    """Return what answers every request to the doors, errors included, without a network."""

    def served(request: Request) -> Answer:
        return _served(site, request)

    def whole(request: Request) -> Answer:
        to_batch = _batch_address(site, request) is not None
        denied = _unauthorized(site, request, to_batch=to_batch)
        if denied is not None:
            return denied
        try:
            return served(request) if around is None else around(request, served)
        except (AnswerLostError, DroppedConnectionError) as error:
            raise DroppedConnectionError from error
        except NotModifiedError as unchanged:
            return Answer(status=NOT_MODIFIED, headers=unchanged.headers)
        except AzureError as error:
            return _refused(site, error, to_batch=to_batch)
        except Exception as error:  # noqa: BLE001 a fault of ours is an answer too, and logged
            return _refused(site, _our_fault(request, error), to_batch=to_batch)

    return whole


def _served(site: Site, request: Request) -> Answer:
    if entra.is_here(request):
        return entra.answer(site, request)
    site.pace.catch_up(site.azure)
    if request.path == clockwork.PATH:
        return clockwork.answer(site, request)
    address = _batch_address(site, request)
    if address is not None:
        return batch.answer(site, request, *address)
    return arm.answer(site, request)


def _our_fault(request: Request, error: Exception) -> AzureError:
    """Return the answer to a request that the doors themselves could not answer, and log why."""
    if isinstance(error, StoreError):
        return AzureError("InternalServerError", str(error), status=500)
    _LOG.error("%s %s", request.method, request.path, exc_info=error)
    message = "the simulated Azure failed to answer; its log says why"
    return AzureError("InternalServerError", message, status=500)


def _batch_address(site: Site, request: Request) -> tuple[str, str, str] | None:
    """Return account, region and path of a request to the Batch data plane, None for others.

    The account is in the path (`/batch/<account>.<region>/...`) or, for a client that resolves
    Batch's own host names to loopback, in the `Host` header.
    """
    if request.path.startswith(BATCH):
        host, _, rest = request.path.removeprefix(BATCH).partition("/")
        account, _, place = host.partition(".")
        return account, place, f"/{rest}"
    host = request.headers.get("host", "").partition(":")[0]
    suffix = f".{site.cloud.account_host_suffix.value}"
    if host.endswith(suffix):
        account, _, place = host.removesuffix(suffix).partition(".")
        return account, place, request.path
    return None


def _unauthorized(site: Site, request: Request, *, to_batch: bool) -> Answer | None:
    if entra.is_here(request):
        return None
    audiences = site.batch_audiences if to_batch else site.arm_audiences
    try:
        tokens.require(request.headers.get("authorization"), audiences, site.tenant)
    except AzureError as error:
        headers = tokens.challenge(site.tenant, site.base_url)
        return _refused(site, error, to_batch=to_batch, headers=headers)
    return None


def _refused(
    site: Site, error: AzureError, *, to_batch: bool, headers: Mapping[str, str] | None = None
) -> Answer:
    more = dict(headers or {})
    if error.retry_after:
        more["Retry-After"] = f"{max(1, round(error.retry_after))}"
    if to_batch:
        return batch_error(error, site.base_url, more)
    return arm_error(error, more)


def _response(request: Request, answer: Answer) -> Response:
    headers = {**_identification(request), **answer.headers}
    if answer.body is None or request.method == "HEAD":
        return Response(status_code=answer.status, headers=headers)
    text = json.dumps(answer.body, ensure_ascii=False).encode()
    return Response(text, answer.status, headers, media_type="application/json; charset=utf-8")


def _identification(request: Request) -> dict[str, str]:
    number = str(uuid4())
    found = {"x-ms-request-id": number, "request-id": number}
    asked = request.headers.get("return-client-request-id", "").casefold() == "true"
    mine = request.headers.get("x-ms-client-request-id") or request.headers.get("client-request-id")
    if mine and asked:
        found["client-request-id"] = mine
        found["x-ms-client-request-id"] = mine
    return found
