"""Everything that a run of the Pulumi command needs, laid out apart from the caller's own Pulumi.

Under `<state_dir>/pulumi` are a PULUMI_HOME with the simulated provider as its only plugin, a file
backend, a passphrase, and copies of project file, stack file and policy pack that name the
caller's interpreter. Nothing of the project is written to, and no setting of the caller's reaches
the run.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagefleet
from imagefleet.offline.engine import EngineError, Workspace
from imagefleet.offline.pulumi_cli.provider import (
    FAULT_LOG_VARIABLE,
    FAULTS_VARIABLE,
    STORE_VARIABLE,
    package_version,
)

_PROVIDER_MODULE = "imagefleet.offline.pulumi_cli.provider"
# What could lead a rehearsal to a real cloud, another backend or another state.
_CALLERS_OWN = ("ARM_", "AZURE_", "PULUMI_")
_PACK_VERSION = re.compile(r"^version:\s*['\"]?([^\s'\"#]+)", re.MULTILINE)
_SALT = re.compile(r"encryptionsalt:\s*['\"]?([^\s'\"}]+)")
# After an even number of backslashes, so that the first one here begins an escape.
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
_ADMINISTRATION_SECONDS = 120
# How the command's backend begins to say that a state is damaged, or from a later version.
_UNREADABLE = "failed to load checkpoint"


def isolated_environment(command: Path) -> dict[str, str]:
    """Return the caller's environment without cloud and Pulumi settings, `command` first on PATH.

    A provider on the caller's PATH is not looked at, nothing is downloaded, and azure-native's
    other way to credentials, the login of the Azure CLI, is emptied by `PulumiHome.environment`.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_CALLERS_OWN)}
    return kept | {
        "PATH": os.pathsep.join([str(command.parent), kept.get("PATH", "")]),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PulumiHome:
    """The folder of one stack's runs; `prepare` brings it up to date with the workspace."""

    workspace: Workspace
    command: Path

    @property
    def folder(self) -> Path:
        """The folder of everything below."""
        return self.workspace.state_dir.absolute() / "pulumi"

    @property
    def project(self) -> Path:
        """The folder of the project file's copy, in which the command runs."""
        return self.folder / "project"

    @property
    def policy_pack(self) -> Path | None:
        """The folder of the policy pack's copy, where the workspace has a pack."""
        return None if self.workspace.policy_pack is None else self.folder / "policy"

    @property
    def policy_config(self) -> Path | None:
        """The file of the pack's configuration, where the workspace has one."""
        return None if self.workspace.policy_config is None else self.folder / "policy.json"

    def environment(self) -> dict[str, str]:
        """Return the environment of a run, of which nothing is secret but the passphrase's file."""
        return isolated_environment(self.command) | {
            "PULUMI_HOME": str(self.folder / "home"),
            # Without the files of attributes beside each: they are not written as a whole, and a
            # command killed over one cannot read its state any more ("load checkpoint: EOF").
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            # Program, pack and provider run in the interpreter of the caller.
            "PULUMI_PYTHON_CMD": sys.executable,
            # Shows the option --event-log, which otherwise exists for the automation API alone.
            "PULUMI_DEBUG_COMMANDS": "true",
            "AZURE_CONFIG_DIR": str(self.folder / "no-azure-login"),
            STORE_VARIABLE: str(self.workspace.azure_store.absolute()),
            **self._faults(),
        }

    def _faults(self) -> dict[str, str]:
        if self.workspace.faults is None:
            return {}
        return {
            FAULTS_VARIABLE: str(self.workspace.faults.absolute()),
            FAULT_LOG_VARIABLE: str(self.workspace.fault_log.absolute()),
        }

    def prepare(self) -> None:
        """Write what the next run needs; raises `EngineError` where the command does not help."""
        for name in ("home", "backend", "project", "no-azure-login"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_passphrase()
        self._write_project()
        self._write_policy_pack()
        if self.policy_config is not None:
            _write_json(self.policy_config, self.workspace.policy_config or {})
        self._install_provider()
        self._write_stack_file()

    def administer(self, *arguments: str) -> None:
        """Run a command that deploys nothing; raises `EngineError` with what it wrote."""
        finished = subprocess.run(  # noqa: S603 the command that the caller chose
            [str(self.command), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ADMINISTRATION_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            said = finished.stderr.strip() or finished.stdout.strip() or "it said nothing"
            message = f"`pulumi {' '.join(arguments[:2])}` failed: {said}{self.way_back(said)}"
            raise EngineError(message)

    def way_back(self, said: str) -> str:
        """Return what to do where the command cannot read its state, "" where that is not it."""
        if _UNREADABLE not in said:
            return ""
        file = f"{self.workspace.stack}.json"
        return (
            f"\nThe state is {file} below {self.folder / 'backend'} and was left as it is: put "
            f"the copy from before its last change, {file}.bak, in its place, or start again with "
            "'imagefleet rehearse --fresh'"
        )

    def export(self) -> dict[str, Any]:
        """Return `pulumi stack export`; secrets stay encrypted."""
        file = self.folder / "export.json"
        self.administer("stack", "export", "--stack", self.workspace.stack, "--file", str(file))
        try:
            exported: dict[str, Any] = json.loads(file.read_text("utf-8"))
        finally:
            file.unlink(missing_ok=True)
        return exported

    def _write_passphrase(self) -> None:
        path = self.folder / "passphrase"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(32))

    def _write_project(self) -> None:
        # No `virtualenv`: a worktree or an unpacked revision has none of its own.
        _write_json(
            self.project / "Pulumi.yaml",
            {
                "name": self.workspace.project,
                "runtime": {"name": "python", "options": {"toolchain": "pip"}},
                "main": str(self.workspace.project_dir.absolute()),
            },
        )

    def _write_policy_pack(self) -> None:
        source, copy = self.workspace.policy_pack, self.policy_pack
        if source is None or copy is None:
            return
        if copy.exists():
            shutil.rmtree(copy)
        copy.mkdir()
        for entry in source.absolute().iterdir():
            if entry.name not in {"PulumiPolicy.yaml", "__pycache__"}:
                (copy / entry.name).symlink_to(entry)
        described = _PACK_VERSION.search((source / "PulumiPolicy.yaml").read_text("utf-8"))
        _write_json(
            copy / "PulumiPolicy.yaml",
            {
                **({"version": described.group(1)} if described else {}),
                "runtime": {"name": "python", "options": {"toolchain": "pip"}},
            },
        )

    def _install_provider(self) -> None:
        script = self.folder / "pulumi-resource-azure-native"
        # -P: the program's folder, where the command starts plugins, may be another revision.
        root = shlex.quote(str(Path(imagefleet.__file__).absolute().parents[1]))
        text = (
            "#!/bin/sh\n"
            f'PYTHONPATH={root}${{PYTHONPATH:+:"$PYTHONPATH"}}\n'
            "export PYTHONPATH\n"
            f'exec {shlex.quote(sys.executable)} -P -m {_PROVIDER_MODULE} "$@"\n'
        )
        version = f"v{package_version()}"
        plugin = self.folder / "home" / "plugins" / f"resource-azure-native-{version}" / script.name
        if os.access(plugin, os.X_OK) and plugin.read_text("utf-8") == text:
            return
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)
        self.administer(
            *("plugin", "install", "resource", "azure-native", version),
            *("--file", str(script), "--reinstall"),
        )

    def _write_stack_file(self) -> None:
        workspace = self.workspace
        path = self.project / f"Pulumi.{workspace.stack}.yaml"
        salt = _SALT.search(path.read_text("utf-8")) if path.exists() else None
        if salt is None:
            path.unlink(missing_ok=True)
            self.administer("stack", "select", "--create", workspace.stack)
            salt = _SALT.search(path.read_text("utf-8")) if path.exists() else None
        hidden = sorted(workspace.secret_keys & workspace.config.keys())
        config = {key: value for key, value in workspace.config.items() if key not in hidden}
        document: dict[str, Any] = {"encryptionsalt": salt.group(1)} if salt else {}
        _write_json(path, document | {"config": config})
        if hidden:
            pairs = [
                part for key in hidden for part in ("--secret", f"{key}={workspace.config[key]}")
            ]
            self.administer("config", "set-all", "--stack", workspace.stack, *pairs)


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    # JSON is YAML, and no value can be read as anything but what it is; but for the pairs by which
    # JSON escapes characters beyond the basic plane: YAML has no such thing.
    text = _PAIR.sub(_character, json.dumps(document, indent=2))
    path.write_text(text + "\n", encoding="utf-8")


def _character(pair: re.Match[str]) -> str:
    before, high, low = pair.groups()
    return before + (bytes.fromhex(high) + bytes.fromhex(low)).decode("utf-16-be")
