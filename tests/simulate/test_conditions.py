"""Conditional requests: what HTTP says about them, and that both planes hold to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from azure.batch import BatchClient
from azure.batch import models as batch
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError

from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.parse import parse_outside
from imagefleet.simulate.conditions import NotModifiedError, Validators, require
from imagefleet.simulate.messages import Request
from imagefleet.simulate.site import Site
from tests.simulate.path import ACCOUNT_ID, DISK_ID, GROUP_ID, POOL_ID, Clients

CHANGED = datetime(2026, 9, 1, 8, 0, 0, tzinfo=UTC)
HERE = Validators(etag='W/"0x1"', modified=CHANGED)
NO_ETAG = Validators()
GONE = None


def dated(**passed):
    return format_datetime(CHANGED + timedelta(**passed), usegmt=True)


def outcome(method, there, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        require(Request(method=method, path="/x", headers=sent), there, "x", "Refused")
    except AzureError as error:
        return error.status if error.code == "Refused" else error.code
    except NotModifiedError as unchanged:
        return 304 if unchanged.headers == HERE.headers else unchanged.headers
    return 200


@pytest.mark.parametrize(
    ("there", "headers", "read", "write"),
    [
        (HERE, {}, 200, 200),
        (GONE, {}, 200, 200),
        (HERE, {"if_match": "*"}, 200, 200),
        (HERE, {"if_match": HERE.etag}, 200, 200),
        (HERE, {"if_match": f'"0x2", {HERE.etag}'}, 200, 200),
        (HERE, {"if_match": '"0x2"'}, 412, 412),
        (HERE, {"if_match": ""}, 412, 412),
        (GONE, {"if_match": "*"}, 412, 412),
        (GONE, {"if_match": HERE.etag}, 412, 412),
        (NO_ETAG, {"if_match": HERE.etag}, 412, 412),
        (NO_ETAG, {"if_match": ""}, 412, 412),
        (NO_ETAG, {"if_match": "*"}, 200, 200),
        (HERE, {"if_none_match": "*"}, 304, 412),
        (HERE, {"if_none_match": HERE.etag}, 304, 412),
        (HERE, {"if_none_match": '"0x2"'}, 200, 200),
        (GONE, {"if_none_match": "*"}, 200, 200),
        (GONE, {"if_none_match": HERE.etag}, 200, 200),
        (HERE, {"if_modified_since": dated()}, 304, 412),
        (HERE, {"if_modified_since": dated(minutes=1)}, 304, 412),
        (HERE, {"if_modified_since": dated(minutes=-1)}, 200, 200),
        (HERE, {"if_unmodified_since": dated()}, 200, 200),
        (HERE, {"if_unmodified_since": dated(minutes=-1)}, 412, 412),
        (HERE, {"if_modified_since": "yesterday"}, 200, 200),
        (HERE, {"if_unmodified_since": "yesterday"}, 200, 200),
        *(
            (HERE, {f"if_{which}_since": date}, 200, 200)
            for which in ("modified", "unmodified")
            for date in (
                "Tue, 01 Sep 99999999999 08:00:00 GMT",
                "Fri, 31 Dec 9999 23:59:59 -0100",
            )
        ),
        (NO_ETAG, {"if_unmodified_since": dated(days=-9)}, 200, 200),
        # The ETag decides where both are given (RFC 9110, section 13.2.2).
        (HERE, {"if_match": HERE.etag, "if_unmodified_since": dated(days=-9)}, 200, 200),
        (HERE, {"if_none_match": '"0x2"', "if_modified_since": dated()}, 200, 200),
        (HERE, {"if_match": HERE.etag, "if_none_match": HERE.etag}, 304, 412),
    ],
)
def test_a_request_is_held_to_its_conditions(there, headers, read, write):
    assert outcome("GET", there, **headers) == read
    for method in ("PUT", "PATCH", "POST", "DELETE"):
        assert outcome(method, there, **headers) == write


@pytest.mark.parametrize("told", ["yesterday", 7, "9999-12-31T23:59:59-01:00"])
def test_a_told_time_that_is_none_is_no_validator(azure, client, told):
    body = {"location": "westeurope", "lastModified": told}
    azure.suppose(parse_outside({"resources": [{"id": DISK_ID, "body": body}]}))
    status, shown, headers = client.call("GET", DISK_ID)
    assert (status, shown["lastModified"], headers["Last-Modified"]) == (200, told, None)


@pytest.fixture
def clients(doors):
    made = Clients(doors)
    made.whole_path()
    doors.advance(60)
    yield made
    made.close()


@pytest.fixture
def data_plane(clients):
    doors = clients.doors
    with BatchClient(
        doors.batch_url(ACCOUNT_ID),
        doors.credential(),
        credential_scopes=[doors.batch_scope],
        connection_verify=str(doors.ca_file),
    ) as made:
        yield made


def test_a_resource_that_is_gone_meets_no_if_match_over_arm(client):
    client.call("PUT", GROUP_ID, {"location": "westeurope"})
    gallery = f"{GROUP_ID}/providers/Microsoft.Compute/galleries/fleet"
    for value in ("*", 'W/"0x1"'):
        for method, body in (("PUT", {"location": "westeurope"}), ("DELETE", None)):
            status, answer, _ = client.call(method, gallery, body, headers={"If-Match": value})
            assert (status, answer["error"]["code"]) == (412, "PreconditionFailed")
            assert "it is not there" in answer["error"]["message"]
    assert client.call("GET", gallery)[0] == 404


def test_one_of_two_that_make_it_at_once_hears_that_it_is_there(client, monkeypatch):
    """The second looks before the first has made it, and makes it after."""
    gallery = f"{GROUP_ID}/providers/Microsoft.Compute/galleries/fleet"
    client.call("PUT", GROUP_ID, {"location": "westeurope"})
    assert client.call("PUT", gallery, {"location": "westeurope"})[0] == 201
    looks, look = [], Site.look

    def too_early(site, kind, resource_id):
        looks.append(resource_id)
        return None if len(looks) == 1 else look(site, kind, resource_id)

    monkeypatch.setattr(Site, "look", too_early)
    headers = {"If-None-Match": "*"}
    status, answer, _ = client.call("PUT", gallery, {"location": "westeurope"}, headers=headers)
    assert (status, answer["error"]["code"]) == (412, "PreconditionFailed")
    looks.clear()
    assert client.call("PUT", gallery, {"location": "westeurope"})[0] in (200, 201)


def test_a_read_over_arm_of_what_has_not_changed_is_304_without_a_body(clients, client):
    _, shown, headers = client.call("GET", POOL_ID)
    assert headers["ETag"] == shown["etag"]
    status, body, again = client.call("GET", POOL_ID, headers={"If-None-Match": shown["etag"]})
    assert (status, body, again["ETag"]) == (304, None, shown["etag"])


NOT_MODIFIED = {"match_condition": MatchConditions.IfNotModified}
MODIFIED = {"match_condition": MatchConditions.IfModified}
WRITES = {
    "update": lambda c, **o: c.update_pool("render", batch.BatchPoolUpdateOptions(), **o),
    "delete": lambda c, **o: c.begin_delete_pool("render", **o),
    "resize": lambda c, **o: c.begin_resize_pool(
        "render", batch.BatchPoolResizeOptions(target_dedicated_nodes=1), **o
    ),
    "stop": lambda c, **o: c.begin_stop_pool_resize("render", **o),
    "autoscale": lambda c, **o: c.enable_pool_auto_scale(
        "render",
        batch.BatchPoolEnableAutoScaleOptions(auto_scale_formula="$TargetDedicatedNodes=1;"),
        **o,
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_every_write_of_the_data_plane_is_held_to_every_condition(data_plane, write):
    pool = data_plane.get_pool("render")
    for refused in (
        {**NOT_MODIFIED, "etag": 'W/"0x1"'},
        {**MODIFIED, "etag": pool.etag},
        {"if_modified_since": pool.last_modified},
        {"if_unmodified_since": pool.last_modified - timedelta(minutes=1)},
    ):
        with pytest.raises(HttpResponseError) as error:
            WRITES[write](data_plane, **refused)
        assert error.value.status_code == 412, refused
        assert error.value.response.json()["code"] == "ConditionNotMet"
    assert data_plane.get_pool("render").etag == pool.etag


def test_a_write_of_the_data_plane_whose_condition_is_met_is_done(data_plane):
    pool = data_plane.get_pool("render")
    metadata = [batch.BatchMetadataItem(name="a", value="b")]
    changes = batch.BatchPoolUpdateOptions(metadata=metadata)
    data_plane.update_pool("render", changes, **NOT_MODIFIED, etag=pool.etag)
    with pytest.raises(ResourceModifiedError):
        data_plane.update_pool("render", changes, **NOT_MODIFIED, etag=pool.etag)
    assert data_plane.get_pool("render", **MODIFIED, etag=pool.etag).metadata[0].value == "b"


def test_a_read_of_the_data_plane_is_304_while_nothing_has_changed(data_plane):
    pool = data_plane.get_pool("render")
    for condition in ({**MODIFIED, "etag": pool.etag}, {"if_modified_since": pool.last_modified}):
        with pytest.raises(HttpResponseError) as unchanged:
            data_plane.get_pool("render", **condition)
        assert unchanged.value.status_code == 304
    with pytest.raises(HttpResponseError) as changed:
        data_plane.get_pool("render", if_unmodified_since=pool.last_modified - timedelta(days=1))
    assert changed.value.status_code == 412
