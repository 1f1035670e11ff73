"""The .NET route (D72 to D74), with Azure.Compute.Batch, which replaces Microsoft.Azure.Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import durations
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.samples.context import Sample, beyond_the_data_plane
from imagefleet.domain.samples.prose import commented
from imagefleet.domain.samples.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fleet import StartTask
    from imagefleet.domain.samples.context import Context

_OF_CLOUD = """

// The client asks for a token of the public cloud; this asks for one of the account's cloud.
sealed class OfCloud(TokenCredential inner, string scope) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancel) =>
        inner.GetToken(new TokenRequestContext(new[] { scope }), cancel);

    public override ValueTask<AccessToken> GetTokenAsync(
        TokenRequestContext request, CancellationToken cancel) =>
        inner.GetTokenAsync(new TokenRequestContext(new[] { scope }), cancel);
}
"""


def csharp(of: Context) -> Sample:
    """A program of top-level statements that signs in with Entra ID and makes the pool."""
    left_out = (*beyond_the_data_plane(of), *_not_shown(of))
    text = f"""// Make a Batch pool from a gallery image (D72 to D74).
// dotnet add package Azure.Compute.Batch
// dotnet add package Azure.Identity
{commented(left_out, "//")}
using System;
using System.Threading;
using System.Threading.Tasks;
using Azure;
using Azure.Compute.Batch;
using Azure.Core;
using Azure.Identity;

{_client(of)}

{_pool(of)}

try
{{
    client.CreatePool(pool);
}}
catch (RequestFailedException error)
{{
    Console.Error.WriteLine($"{{error.ErrorCode}}: {{error.Message}}");
    return 1;
}}
Console.WriteLine("made; nodes come up after this");
return 0;
"""
    elsewhere = of.profile.cloud != Cloud.PUBLIC
    return Sample(text=text + (_OF_CLOUD if elsewhere else ""), left_out=left_out)


def _client(of: Context) -> str:
    wrapped = f"new OfCloud(signIn, {literal(of.profile.batch_scope)})"
    return f"""// Entra ID, never the account's key, which is refused (D21, D22).
var signIn = new DefaultAzureCredential(new DefaultAzureCredentialOptions
{{
    AuthorityHost = new Uri({literal(of.profile.authority.value)}),
}});
TokenCredential credential = {"signIn" if of.profile.cloud == Cloud.PUBLIC else wrapped};
var client = new BatchClient(
    new Uri({literal(of.endpoint)}), credential);"""


def _pool(of: Context) -> str:
    return f"""// The image by its id and nothing else (D73).
var image = new BatchVmImageReference
{{
    VirtualMachineImageId = new ResourceIdentifier({literal(of.pool.image_version_id)}),
}};
var pool = new BatchPoolCreateOptions(
    {literal(of.pool.pool_id.value)}, {literal(of.settings.vm_size)})
{{
    VirtualMachineConfiguration =
        new VirtualMachineConfiguration(image, {literal(of.pool.node_agent_sku.value)})
        {{
            OsDisk = new BatchOsDisk {{ Caching = CachingType.{of.settings.os_disk_caching} }},
        }},
{_members(of)}
}};"""


def _not_shown(of: Context) -> Iterator[str]:
    settings, task = of.settings, of.settings.start_task
    parts = {
        "subnet or addresses": settings.subnet_id is not None or not settings.public_ip,
        "mounts": bool(settings.mounts),
        "environment and files of the start task": task is not None
        and bool(task.environment or task.resource_files),
    }
    missing = [name for name, there in parts.items() if there]
    if missing:
        yield f"{', '.join(missing)}: `--as python` and `--as az` have them"


def _members(of: Context) -> str:
    return "\n".join(f"    {line}" for line in _lines(of))


def _lines(of: Context) -> Iterator[str]:
    settings, scale = of.settings, of.settings.scale
    if settings.display_name is not None:
        yield f"DisplayName = {literal(settings.display_name)},"
    if isinstance(scale, AutoScale):
        yield "EnableAutoScale = true,"
        yield f"AutoScaleFormula = {literal(scale.formula)},"
        minutes = scale.evaluation_interval_minutes
        yield f"AutoScaleEvaluationInterval = TimeSpan.FromMinutes({minutes}),"
    else:
        yield f"TargetDedicatedNodes = {scale.dedicated},"
        yield f"TargetLowPriorityNodes = {scale.low_priority},"
        yield from _timeout(of)
    yield f"TaskSlotsPerNode = {settings.tasks_per_node},"
    if settings.inter_node_communication:
        yield "EnableInterNodeCommunication = true,"
    if settings.start_task is not None:
        yield from _start_task(settings.start_task)
    if settings.metadata:
        items = (
            f"new BatchMetadataItem({literal(name)}, {literal(value)})"
            for name, value in sorted(settings.metadata.items())
        )
        yield f"Metadata = {{ {', '.join(items)} }},"


def _timeout(of: Context) -> Iterator[str]:
    timeout = of.pool.resize_timeout
    seconds = durations.seconds(timeout.value) if timeout is not None else None
    if seconds is not None:
        yield f"ResizeTimeout = TimeSpan.FromMinutes({int(seconds) // durations.MINUTE}),"


def _start_task(task: StartTask) -> Iterator[str]:
    yield f"StartTask = new BatchStartTask({literal(task.command_line)})"
    yield "{"
    if task.elevated:
        yield "    UserIdentity = new UserIdentity"
        yield "    {"
        yield "        AutoUser = new AutoUserSpecification"
        yield "        {"
        yield "            Scope = AutoUserScope.Pool, ElevationLevel = ElevationLevel.Admin,"
        yield "        },"
        yield "    },"
    yield f"    WaitForSuccess = {str(task.wait_for_success).lower()},"
    yield f"    MaxTaskRetryCount = {task.max_task_retry_count},"
    yield "},"
