"""Nothing that a client asks for is passed over: options of the query, properties, their case."""

from __future__ import annotations

import pytest

from imagefleet.simulate.batch import nodes
from imagefleet.simulate.batch.bodies import SHOWN
from tests.simulate.preparation import DATA_PLANE_POOL, DEFINITION_BODY, POOL_BODY, World

GROUP = "/subscriptions/s/resourceGroups/g"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/fleetbatch"
POOL = f"{ACCOUNT}/pools/render"
DATA = "/batch/fleetbatch.westeurope"
PLACE = "/subscriptions/s/providers/Microsoft.Batch/locations/westeurope"
AUTHORIZATION = f"{GALLERY}/providers/Microsoft.Authorization"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("doors"))
    made.must("PUT", GROUP, {"location": "westeurope"})
    made.must("PUT", GALLERY, {"location": "westeurope"})
    made.must("PUT", ACCOUNT, {"location": "westeurope"})
    made.must("PUT", POOL, POOL_BODY)
    made.azure.advance(60)
    yield made
    made.azure.close()


READS = [
    GALLERY, GROUP, POOL, f"{GALLERY}/images", f"{ACCOUNT}/pools", "/subscriptions", "/tenants",
    "/subscriptions/s/locations", "/subscriptions/s/resourceGroups", f"{GROUP}/resources",
    f"{AUTHORIZATION}/roleAssignments", f"{AUTHORIZATION}/roleDefinitions",
    f"{AUTHORIZATION}/permissions", f"{AUTHORIZATION}/locks",
    "/subscriptions/s/providers", "/subscriptions/s/providers/Microsoft.Compute/skus",
    "/subscriptions/s/providers/Microsoft.Compute/locations/westeurope/usages",
    f"{PLACE}/quotas", f"{PLACE}/virtualMachineSkus",
    f"{DATA}/pools", f"{DATA}/pools/render", f"{DATA}/pools/render/nodes", f"{DATA}/nodecounts",
    f"{DATA}/supportedimages", f"{DATA}/poolusagemetrics",
]  # fmt: skip
ODD = ("$filter", "$select", "$expand", "$orderby", "$search", "$count", "nonsense")


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("option", ODD)
def test_an_option_that_is_not_understood_is_refused_and_named(world, path, option):
    assert world.call("GET", path).status == 200
    answer = world.call("GET", path, query={option: "nonsense gt 7"})
    error = answer.body.get("error", answer.body)
    assert (answer.status, error["code"]) == (501, "NotSupportedBySimulation")
    assert "nonsense gt 7" in str(error["message"])
    assert world.call("GET", path, query={option: ""}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", GALLERY, {"location": "westeurope"}),
        ("PATCH", GALLERY, {}),
        ("DELETE", GALLERY, None),
        ("POST", f"{ACCOUNT}/listKeys", {}),
        ("PATCH", f"{DATA}/pools/render", {}),
        ("POST", f"{DATA}/pools/render/resize", {"targetDedicatedNodes": 0}),
        ("DELETE", f"{DATA}/pools/render", None),
    ],
)
def test_a_change_with_an_option_that_is_not_understood_is_not_made(world, method, path, body):
    answer = world.call(method, path, body, query={"force": "true"})
    assert answer.status == 501
    assert world.call("GET", POOL).body["properties"]["currentDedicatedNodes"] == 3
    assert world.call("GET", GALLERY).status == 200


def test_top_and_maxresults_belong_where_the_services_have_them(world):
    for path, option in (
        ("/subscriptions/s/resourceGroups", "$top"),
        (f"{ACCOUNT}/pools", "maxresults"),
        (f"{DATA}/pools", "maxresults"),
    ):
        assert world.call("GET", path, query={option: "1"}).status == 200
        assert world.call("GET", path, query={option: "1001"}).status == 400
    assert world.call("GET", f"{GALLERY}/images", query={"maxresults": "1"}).status == 501
    assert world.call("GET", f"{DATA}/pools", query={"$top": "1"}).status == 501


@pytest.mark.parametrize("path", ["locations", "providers/Microsoft.Compute/skus"])
def test_a_list_with_edge_zones_is_the_list_without(world, path):
    path = f"/subscriptions/s/{path}"
    asked = world.call("GET", path, query={"includeextendedlocations": "true"})
    assert asked.status == 200
    assert asked.body["value"] == world.call("GET", path).body["value"]


def test_the_time_that_a_batch_client_allows_is_taken(world):
    assert world.call("GET", f"{DATA}/pools", query={"timeout": "30"}).status == 200


@pytest.mark.parametrize(
    ("path", "known"),
    [(f"{DATA}/pools/render", SHOWN), (f"{DATA}/pools/render/nodes", nodes.SHOWN)],
)
def test_whatever_is_shown_can_be_selected_alone(world, path, known):
    def whole(answer):
        return answer.body["value"][0] if "value" in answer.body else answer.body

    shown = whole(world.call("GET", path))
    assert shown.keys() <= known
    for name, value in shown.items():
        assert whole(world.call("GET", path, query={"$select": f"{name}"})) == {name: value}
    strange = world.call("GET", path, query={"$select": "id,stats"})
    assert (strange.status, "stats" in str(strange.body)) == (501, True)


SCALE = {
    "targetDedicatedNodes": 9, "TargetLowPriorityNodes": 9, "resizeTimeout": "PT30M",
    "enableAutoScale": True, "autoScaleFormula": "$TargetDedicatedNodes=9;",
    "autoScaleEvaluationInterval": "PT5M", "nodeDeallocationOption": "requeue",
}  # fmt: skip


@pytest.mark.parametrize("name", SCALE)
@pytest.mark.parametrize("change", [("PATCH", ""), ("POST", "/updateproperties")])
def test_the_scale_is_no_property_that_an_update_has(world, name, change):
    method, action = change
    before = world.call("GET", POOL).body
    body = {"metadata": [{"name": "a", "value": "b"}], name: SCALE[name]}
    answer = world.call(method, f"{DATA}/pools/render{action}", body)
    assert (answer.status, answer.body["code"]) == (400, "InvalidRequestBody")
    assert answer.body["values"][0]["value"].casefold() == name.casefold()
    assert "resize, enableautoscale and disableautoscale" in answer.body["message"]["value"]
    assert world.call("GET", POOL).body == before


def test_an_update_has_no_id_and_a_replacement_only_what_is_replaced(world):
    answer = world.call("PATCH", f"{DATA}/pools/render", {"id": "other"})
    assert (answer.status, answer.body["values"][0]["value"]) == (400, "id")
    answer = world.call("POST", f"{DATA}/pools/render/updateproperties", {"vmSize": "x"})
    assert (answer.status, answer.body["values"][0]["value"]) == (400, "vmSize")
    assert "applicationPackageReferences" in answer.body["message"]["value"]


def upper(value):
    """A body with every property name in upper case."""
    if isinstance(value, dict):
        return {name.upper(): upper(item) for name, item in value.items()}
    return [upper(item) for item in value] if isinstance(value, list) else value


def test_names_are_taken_in_any_case_all_over_a_body_of_arm(world):
    """Beside `properties` too, in what only the service writes, and in a role's own `type`."""
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me"
    world.must("PUT", identity, {"LOCATION": "westeurope", "Tags": {"Team": "a"}})
    assert world.call("GET", identity).body["tags"] == {"Team": "a"}
    definition = f"{GALLERY}/images/loud"
    world.must("PUT", definition, upper({**DEFINITION_BODY, "id": "/x", "name": "y"}))
    shown = world.call("GET", definition).body
    assert (shown["name"], shown["properties"]["osType"]) == ("loud", "Windows")
    role = f"{AUTHORIZATION}/roleDefinitions/33333333-3333-4333-8333-333333333333"
    properties = {
        "roleName": "loud", "type": "CustomRole", "permissions": [{"actions": ["*/read"]}],
        "createdOn": "2020-01-01",
    }  # fmt: skip
    world.must("PUT", role, upper({"properties": properties}))
    assert world.call("GET", role).body["properties"]["type"] == "CustomRole"
    gallery = f"{GALLERY}2"
    world.must(
        "PUT",
        gallery,
        {
            "Location": "westeurope",
            "Identity": {"Type": "UserAssigned", "UserAssignedIdentities": {identity: {}}},
            "Properties": {"ProvisioningState": "Failed", "Identifier": {"UniqueName": "mine"}},
        },
    )
    shown = world.call("GET", gallery).body
    assert list(shown["identity"]["userAssignedIdentities"]) == [identity]
    assert shown["properties"]["provisioningState"] == "Succeeded"


def test_what_is_misplaced_is_refused_in_any_case(world):
    body = {"location": "westeurope", "properties": {"Tags": {}}}
    answer = world.call("PUT", GALLERY, body)
    assert (answer.status, answer.body["error"]["target"]) == (400, "properties.tags")


def test_names_are_taken_in_any_case_all_over_a_body_of_the_data_plane(world):
    machine = {
        "nodeAgentSKUId": "batch.node.ubuntu 22.04",
        "imageReference": {"publisher": "canonical", "offer": "0001-com-ubuntu-server-jammy",
                           "sku": "22_04-lts", "version": "latest"},
    }  # fmt: skip
    body = {
        "id": "loud",
        "vmSize": "standard_d4s_v3",
        "virtualMachineConfiguration": machine,
        "targetDedicatedNodes": 7,
        "applicationPackageReferences": [{"applicationId": "blender", "version": "4"}],
    }
    assert world.call("POST", f"{DATA}/pools", upper(body)).status == 201
    world.azure.advance(60)
    loud = f"{DATA}/pools/loud"
    shown = world.call("GET", loud).body
    assert (shown["targetDedicatedNodes"], shown["currentDedicatedNodes"]) == (7, 7)
    assert shown["applicationPackageReferences"] == body["applicationPackageReferences"]
    assert world.call("POST", f"{loud}/resize", {"TARGETDEDICATEDNODES": 2}).status == 202
    assert world.call("GET", loud).body["targetDedicatedNodes"] == 2
    version = f"{GALLERY}/images/none/versions/1.0.0"
    machine = {**machine, "imageReference": {"virtualMachineImageId": version}}
    body = {**body, "id": "gone", "virtualMachineConfiguration": machine}
    answer = world.call("POST", f"{DATA}/pools", upper(body))
    assert (answer.status, answer.body["code"]) == (404, "GalleryImageNotFound")


def test_actions_take_names_in_any_case(world):
    disk = f"{GROUP}2/providers/Microsoft.Compute/disks/os"
    body = {"Access": "Read", "DurationInSeconds": 60}
    assert world.call("POST", f"{disk}/beginGetAccess", body).status == 202
    body = {"Name": "fleetbatch", "Type": "microsoft.batch/batchaccounts"}
    answer = world.call("POST", f"{PLACE}/checkNameAvailability", body)
    assert (answer.status, answer.body["reason"]) == (200, "AlreadyExists")


@pytest.mark.parametrize(
    ("scale", "target"),
    [
        ({"targetDedicatedNodes": "x"}, "fixedScale.targetDedicatedNodes"),
        ({"targetLowPriorityNodes": {}}, "fixedScale.targetLowPriorityNodes"),
        ({"targetDedicatedNodes": 1, "resizeTimeout": 15}, "fixedScale.resizeTimeout"),
        ({"enableAutoScale": True, "autoScaleFormula": 7}, "autoScale.formula"),
    ],
)
def test_a_scale_that_cannot_be_is_refused_in_a_new_pool_as_in_a_resize(world, scale, target):
    new = {"id": "odd", **DATA_PLANE_POOL}
    given = {name: value for name, value in scale.items() if name != "enableAutoScale"}
    action = "enableautoscale" if given != scale else "resize"
    refused = {
        "new": world.call("POST", f"{DATA}/pools", {**new, **scale}),
        action: world.call("POST", f"{DATA}/pools/render/{action}", given),
    }
    for answer in refused.values():
        assert (answer.status, answer.body["code"]) == (400, "InvalidRequestBody")
        assert f"scaleSettings.{target}" in str(answer.body)
    assert world.call("GET", f"{DATA}/pools/odd").status == 404
