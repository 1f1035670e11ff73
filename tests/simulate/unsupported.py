"""What the doors do not support of official examples: refusals that are no failures, and why.

A refusal is known by its code and by what its message names. Any other refusal is a failure, so
that a rule of ours which refuses what Azure takes does not pass for a property that we leave out.
"""

from __future__ import annotations

REASONS = {
    (
        "InvalidRequestContent",
        "'properties.deploymentConfiguration.cloudServiceConfiguration' is not a property",
    ): "Cloud Services pools ended in 2024",
    (
        "NotSupportedBySimulation",
        "'Microsoft.Batch/batchAccounts/certificates'",
    ): "Batch certificates ended in 2024",
    (
        "NotSupportedBySimulation",
        "'Microsoft.Compute/disks'",
    ): "disks lie outside",
    (
        "NotSupportedBySimulation",
        "$expand=resourceTypes/aliases of resource providers",
    ): "aliases are for Azure Policy",
    (
        "InvalidResourceNamespace",
        "'Microsoft.TestRP1' is invalid",
    ): "the provider of the example does not exist",
    (
        "InvalidPropertyValue",
        "'vmSize' is 'standard_a1', which",
    ): "the VM size of the example is retired",
}
