"""Reading a stack file as the Pulumi CLI would, and refusing what YAML's readers disagree about.

Offline runs need the values that the CLI would hand to the program, without the CLI. Secrets
(`secure:`) are never read, only marked.
"""

from __future__ import annotations

from imagefleet.domain.fault import SECRET_PLACEHOLDER
from imagefleet.stack_yaml.errors import StackFileError, StackFileFault
from imagefleet.stack_yaml.files import StackFile, read_mapping, read_stack_file
from imagefleet.stack_yaml.keys import full_key
from imagefleet.stack_yaml.strings import config_strings, secret_config_keys

__all__ = [
    "SECRET_PLACEHOLDER",
    "StackFile",
    "StackFileError",
    "StackFileFault",
    "config_strings",
    "full_key",
    "read_mapping",
    "read_stack_file",
    "secret_config_keys",
]
