"""The provider for the Pulumi command, spoken to over its protocol as the engine does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as wire
from pulumi.runtime.proto import provider_pb2_grpc

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.pulumi_cli.provider import (
    STORE_VARIABLE,
    package_version,
    serve,
    settings_from,
    type_of,
)
from imagefleet.offline.values import UNKNOWN, Secret, from_struct, to_struct

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
URN = "urn:pulumi:dev::imagefleet::"
GROUP = f"{URN}azure-native:resources:ResourceGroup::group"
GALLERY = f"{URN}imagefleet:compute:Gallery$azure-native:compute:Gallery::gallery"


@pytest.fixture
def azure(tmp_path):
    azure = SimulatedAzure(tmp_path / "azure.sqlite")
    yield azure
    azure.close()


@contextmanager
def connected(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


@pytest.fixture
def provider(azure):
    server, port = serve(azure)
    with connected(port) as stub:
        stub.Configure(
            wire.ConfigureRequest(
                variables={
                    "azure-native:config:subscriptionId": SUBSCRIPTION,
                    "azure-native:config:location": "westeurope",
                }
            )
        )
        yield stub
    server.stop(None).wait()


def checked(provider, urn, **news):
    answer = provider.Check(wire.CheckRequest(urn=urn, news=to_struct(news)))
    assert not answer.failures
    return answer.inputs


def create(provider, urn, *, preview=False, **news):
    inputs = checked(provider, urn, **news)
    return provider.Create(wire.CreateRequest(urn=urn, properties=inputs, preview=preview))


def refusal(call, request):
    with pytest.raises(grpc.RpcError) as refused:
        call(request)
    return refused.value


@pytest.mark.parametrize(
    ("urn", "token"),
    [
        (GROUP, "azure-native:resources:ResourceGroup"),
        (GALLERY, "azure-native:compute:Gallery"),
        (f"{URN}a:b:C$d:e:F$azure-native:batch:Pool::na$me::x", "azure-native:batch:Pool"),
    ],
)
def test_the_type_is_what_follows_the_last_parent_of_the_urn(urn, token):
    assert type_of(urn) == token


def test_settings_come_from_the_engines_variables_and_default_to_the_public_cloud():
    settings = settings_from(
        {
            "azure-native:config:subscriptionId": SUBSCRIPTION,
            "azure-native:config:environment": "china",
            "azure-native:config:location": "chinanorth3",
        }
    )

    assert (settings.subscription_id, settings.environment) == (SUBSCRIPTION, "china")
    assert settings.location == "chinanorth3"
    assert settings_from({}).environment == "public"
    assert settings_from({}).location is None


def test_the_provider_says_it_takes_secrets_and_previews_and_is_of_azure_natives_version(provider):
    configured = provider.Configure(wire.ConfigureRequest())

    assert (configured.acceptSecrets, configured.supportsPreview) == (True, True)
    assert not configured.acceptResources
    assert not configured.acceptOutputs
    assert provider.GetPluginInfo(empty_pb2.Empty()).version == package_version()


def test_check_fills_in_the_providers_location_and_the_api_version(provider):
    inputs = from_struct(checked(provider, GROUP, resourceGroupName="fleet"))

    assert inputs["location"] == "westeurope"
    assert inputs["azureApiVersion"]


def test_check_reports_what_is_wrong_by_property(provider):
    answer = provider.Check(
        wire.CheckRequest(
            urn=GROUP, news=to_struct({"resourceGroupName": "fleet", "colour": "red"})
        )
    )

    assert [failure.property for failure in answer.failures] == ["colour"]
    assert answer.failures[0].reason


def test_a_secret_input_is_secret_in_checked_inputs_outputs_and_kept_inputs(provider):
    created = create(
        provider, GROUP, resourceGroupName="fleet", tags={"plain": "a", "token": Secret("hush")}
    )

    outputs = from_struct(created.properties)
    assert outputs["tags"] == {"plain": "a", "token": Secret("hush")}
    assert outputs["__inputs"]["tags"]["token"] == Secret("hush")
    assert outputs["__inputs"]["resourceGroupName"] == "fleet"


def test_a_preview_gives_no_id_unknown_outputs_and_leaves_nothing_behind(provider, azure):
    previewed = create(provider, GROUP, preview=True, resourceGroupName="fleet")

    assert previewed.id == ""
    assert from_struct(previewed.properties)["name"] == UNKNOWN
    group_id = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
    assert azure.read("azure-native:resources:ResourceGroup", group_id) is None


def test_the_services_refusal_is_passed_on_word_for_word(provider):
    inputs = checked(provider, GALLERY, galleryName="no-hyphens", resourceGroupName="fleet")

    error = refusal(provider.Create, wire.CreateRequest(urn=GALLERY, properties=inputs))

    code, _, message = error.details().partition(": ")
    assert code.isidentifier()
    assert "no-hyphens" in message
    assert "Traceback" not in error.details()


def test_a_resource_lives_through_update_read_and_delete(provider):
    created = create(provider, GROUP, resourceGroupName="fleet", tags={"a": "1"})
    old = from_struct(created.properties)["__inputs"]
    news = checked(provider, GROUP, resourceGroupName="fleet", tags={"a": "2"})

    diff = provider.Diff(
        wire.DiffRequest(
            urn=GROUP,
            id=created.id,
            olds=created.properties,
            old_inputs=to_struct(old),
            news=news,
        )
    )
    assert diff.changes == wire.DiffResponse.DIFF_SOME
    assert diff.detailedDiff["tags.a"].kind == wire.PropertyDiff.UPDATE
    assert not diff.replaces

    updated = provider.Update(
        wire.UpdateRequest(urn=GROUP, id=created.id, olds=created.properties, news=news)
    )
    assert from_struct(updated.properties)["tags"] == {"a": "2"}

    read = provider.Read(
        wire.ReadRequest(urn=GROUP, id=created.id, inputs=news, properties=updated.properties)
    )
    assert read.id == created.id
    assert read.inputs == news
    assert read.properties == updated.properties

    provider.Delete(wire.DeleteRequest(urn=GROUP, id=created.id, properties=updated.properties))
    gone = provider.Read(wire.ReadRequest(urn=GROUP, id=created.id, inputs=news))
    assert gone.id == ""


def test_an_import_reads_inputs_out_of_the_service(provider):
    created = create(provider, GROUP, resourceGroupName="fleet", tags={"a": "1"})

    imported = from_struct(provider.Read(wire.ReadRequest(urn=GROUP, id=created.id)).inputs)

    assert imported["resourceGroupName"] == "fleet"
    assert imported["tags"] == {"a": "1"}


def test_a_change_of_a_path_parameter_replaces_and_deletes_first(provider):
    created = create(provider, GROUP, resourceGroupName="fleet")
    news = checked(provider, GROUP, resourceGroupName="other")

    diff = provider.Diff(
        wire.DiffRequest(
            urn=GROUP,
            id=created.id,
            olds=created.properties,
            old_inputs=to_struct(from_struct(created.properties)["__inputs"]),
            news=news,
        )
    )

    assert list(diff.replaces) == ["resourceGroupName"]
    assert diff.deleteBeforeReplace
    assert diff.detailedDiff["resourceGroupName"].kind == wire.PropertyDiff.UPDATE_REPLACE


def test_another_provider_configuration_is_a_change_that_replaces_nothing(provider):
    old, new = to_struct({"location": "westeurope"}), to_struct({"location": "northeurope"})

    diff = provider.DiffConfig(wire.DiffRequest(urn=URN, old_inputs=old, news=new))
    same = provider.DiffConfig(wire.DiffRequest(urn=URN, old_inputs=old, news=old))

    assert diff.changes == wire.DiffResponse.DIFF_SOME
    assert not diff.replaces
    assert same.changes == wire.DiffResponse.DIFF_NONE


def test_functions_are_refused_by_name(provider):
    error = refusal(provider.Invoke, wire.InvokeRequest(tok="azure-native:compute:getGallery"))

    assert error.code() == grpc.StatusCode.UNIMPLEMENTED
    assert error.details().startswith("azure-native:compute:getGallery: ")


def test_a_cancelled_provider_begins_nothing_new(provider):
    inputs = checked(provider, GROUP, resourceGroupName="fleet")
    provider.Cancel(empty_pb2.Empty())

    error = refusal(provider.Create, wire.CreateRequest(urn=GROUP, properties=inputs))

    assert error.code() == grpc.StatusCode.CANCELLED


def start(environment, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "imagefleet.offline.pulumi_cli.provider", "127.0.0.1:0"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_without_a_store_the_process_says_what_is_missing():
    process = start({STORE_VARIABLE: ""})
    _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert STORE_VARIABLE in said


def test_two_processes_serve_the_same_store(tmp_path):
    environment = {STORE_VARIABLE: str(tmp_path / "azure.sqlite")}
    processes = [start(environment), start(environment)]
    try:
        ports = [int(process.stdout.readline()) for process in processes]
        with connected(ports[0]) as one, connected(ports[1]) as other:
            for stub in (one, other):
                stub.Configure(
                    wire.ConfigureRequest(
                        variables={
                            "azure-native:config:subscriptionId": SUBSCRIPTION,
                            "azure-native:config:location": "westeurope",
                        }
                    )
                )
            created = create(one, GROUP, resourceGroupName="fleet")
            read = other.Read(wire.ReadRequest(urn=GROUP, id=created.id))
        assert read.id == created.id
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=30)


def test_the_process_ends_quietly_when_the_engine_interrupts_it(tmp_path):
    process = start({STORE_VARIABLE: str(tmp_path / "azure.sqlite")})
    int(process.stdout.readline())
    process.send_signal(2)
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_the_process_does_not_outlive_the_one_that_started_it(tmp_path):
    """An engine that was killed leaves no provider behind."""
    starter = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'imagefleet.offline.pulumi_cli.provider',"
        " '127.0.0.1:0'], stdout=subprocess.PIPE, text=True)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        env=os.environ | {STORE_VARIABLE: str(tmp_path / "azure.sqlite")},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        orphan = int(parent.stdout.readline())
        parent.kill()

    assert gone_within(orphan, seconds=30)


def gone_within(pid, *, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.1)
    return False
