"""Whatever a client sends, the doors answer as a service: never with a failure of their own."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.offline.services import registry
from imagefleet.simulate.batch.bodies import CREATED
from imagefleet.simulate.messages import Request
from imagefleet.simulate.tokens import issue
from tests.simulate.preparation import DEFINITION_BODY, POOL_BODY, World

GROUP = "/subscriptions/s/resourceGroups/g"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/fleetbatch"
GUID = "33333333-3333-4333-8333-333333333333"
NAMES = {
    "ResourceGroup": GROUP,
    "Snapshot": f"{GROUP}/providers/Microsoft.Compute/snapshots/os",
    "Image": f"{GROUP}/providers/Microsoft.Compute/images/i",
    "Gallery": GALLERY,
    "GalleryImage": f"{GALLERY}/images/ubuntu",
    "GalleryImageVersion": f"{GALLERY}/images/ubuntu/versions/1.0.0",
    "RoleDefinition": f"{GALLERY}/providers/Microsoft.Authorization/roleDefinitions/{GUID}",
    "RoleAssignment": f"{GALLERY}/providers/Microsoft.Authorization/roleAssignments/{GUID}",
    "UserAssignedIdentity": (
        f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me"
    ),
    "BatchAccount": ACCOUNT,
    "Pool": f"{ACCOUNT}/pools/render",
}
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 2000), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def of_shape(shape, depth=4):
    """Values of a shape, now and then with something else in place of a part."""
    if depth == 0 or shape.kind == "any":
        return JUNK
    if shape.kind == "object":
        known = {name: of_shape(inner, depth - 1) for name, inner in shape.properties.items()}
        needed = {name: known[name] for name in shape.required}
        right = st.fixed_dictionaries(
            needed, optional={name: item for name, item in known.items() if name not in needed}
        )
    elif shape.kind == "array":
        right = st.lists(of_shape(shape.items, depth - 1), max_size=2)
    elif shape.kind == "map":
        right = st.dictionaries(st.sampled_from(["a", "b"]), of_shape(shape.items, depth - 1))
    elif shape.choices:
        right = st.sampled_from(shape.choices)
    elif shape.kind == "string":
        right = st.sampled_from(["", "x", "West Europe", "PT15M", GALLERY, GUID, f"{GUID}/x"])
    elif shape.kind == "boolean":
        right = st.booleans()
    else:
        right = st.integers(-1, 2000)
    return st.integers(0, 19).flatmap(lambda die: JUNK if die == 0 else right)


TOP = ("extendedLocation", "identity", "location", "managedBy", "sku", "tags")


@st.composite
def body(draw, kind):
    drawn = draw(of_shape(kind.inputs))
    if not isinstance(drawn, dict):
        return drawn
    given = {name: item for name, item in drawn.items() if name not in kind.path_parameters}
    top = {name: given.pop(name) for name in list(given) if name in TOP}
    return {"location": "westeurope", **top, "properties": given}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("doors"))
    made.must("PUT", GROUP, {"location": "westeurope"})
    made.must("PUT", GALLERY, {"location": "westeurope"})
    made.must("PUT", NAMES["GalleryImage"], {**DEFINITION_BODY, "location": "westeurope"})
    made.must("PUT", ACCOUNT, {"location": "westeurope"})
    made.must("PUT", NAMES["Pool"], POOL_BODY)
    yield made
    made.azure.close()


def holds(answer):
    assert answer.status != 500, answer.body
    json.dumps(answer.body)
    if answer.status >= 400:
        error = answer.body.get("error", answer.body)
        assert error["code"]
        assert error["message"]


@pytest.mark.parametrize("kind", registry.TYPES, ids=lambda kind: kind.name)
def test_any_body_is_taken_or_refused(world, kind):
    @given(drawn=body(kind), method=st.sampled_from(["PUT", "PATCH"]))
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def check(drawn, method):
        holds(world.call(method, NAMES[kind.name], drawn))
        holds(world.call("GET", NAMES[kind.name]))

    check()


POOLS = "/batch/fleetbatch.westeurope/pools"
DATA_PLANE = [
    ("POST", POOLS),
    ("PATCH", f"{POOLS}/render"),
    ("POST", f"{POOLS}/render/resize"),
    ("POST", f"{POOLS}/render/updateproperties"),
    ("POST", f"{POOLS}/render/enableautoscale"),
    ("POST", f"{POOLS}/render/evaluateautoscale"),
    ("POST", f"{POOLS}/render/stopresize"),
    ("POST", f"{POOLS}/render/disableautoscale"),
]


@given(
    where=st.sampled_from(DATA_PLANE),
    drawn=st.one_of(
        JUNK,
        st.dictionaries(
            st.sampled_from(sorted(CREATED)),
            st.one_of(JUNK, st.sampled_from(["PT15M", "$TargetDedicatedNodes=1;", 3, "a", [], {}])),
            max_size=6,
        ),
    ),
)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_any_body_is_taken_or_refused_by_the_data_plane(world, where, drawn):
    method, path = where
    holds(world.call(method, path, drawn))
    holds(world.call("GET", f"{POOLS}/render"))


@given(
    method=st.sampled_from(["GET", "PUT", "PATCH", "POST", "DELETE", "HEAD"]),
    segments=st.lists(
        st.sampled_from(
            ["subscriptions", "s", "resourceGroups", "g2", "providers", "Microsoft.Compute",
             "Microsoft.Batch", "Microsoft.Authorization", "galleries", "x", "images", "versions",
             "locations", "operations", "operationResults", "quotas", "roleAssignments", "batch",
             "batchAccounts", "pools", "nodes", "listKeys", "beginGetAccess", "a.b", "..", ""]
        ),
        max_size=11,
    ),
    query=st.dictionaries(
        st.sampled_from(["$filter", "$skiptoken", "$top", "maxresults", "$expand", "$select"]),
        st.sampled_from(["", "0", "7", "-1", "x", "atScope()", "a eq 'b'", "99999"]),
        max_size=3,
    ),
)  # fmt: skip
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
def test_any_address_has_an_answer(world, method, segments, query):
    holds(world.call(method, "/" + "/".join(segments), {}, query))


@given(text=st.binary(max_size=40))
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
def test_any_content_is_read_or_refused(world, text):
    profile = world.site.cloud
    token = issue(profile.resource_manager.value, world.site.tenant, int(time.time()) + 60)
    request = Request(
        method="PUT",
        path=GALLERY,
        query={"api-version": "2024-03-03"},
        headers={"authorization": f"Bearer {token}"},
        body=text,
    )
    holds(world._handler(request))
