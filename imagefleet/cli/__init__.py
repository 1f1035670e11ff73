"""The `imagefleet` command: what is around `pulumi up`, thin over the rest of the package.

Exit codes: 0 done, 1 refused by a policy or by the (simulated) service, 2 unusable input.
"""

from __future__ import annotations

from imagefleet.cli.app import main

__all__ = ["main"]
