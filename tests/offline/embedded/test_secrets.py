"""Secrets: plain for Azure, encrypted in the state, never in an event or an output."""

from __future__ import annotations

import json
import stat

import pytest

from imagefleet.offline.engine import EngineError

PROGRAM = """
config = pulumi.Config("demo")
a = Thing("a", password=config.require_secret("token"),
          tags={"deep": pulumi.Output.secret("hush-2")}, value=pulumi.Output.secret("hush-3"),
          opts=Options(additional_secret_outputs=["shown"]))
Group("g", {"inner": pulumi.Output.secret("hush-4")}).register_outputs({"out": a.password})
Thing("b", tags={"x": a.shown})
pulumi.export("shown", a.shown)
pulumi.export("list", [pulumi.Output.secret("hush-5"), 1])
"""
SECRETS = ("hush-config", "hush-2", "hush-3", "hush-4", "hush-5")


def files(lab):
    return [path for path in lab.state_dir.rglob("*") if path.is_file()]


def test_no_secret_is_in_an_event_an_output_or_a_file(lab, azure):
    lab.program(PROGRAM)
    told = []
    for action in ("preview", "up", "preview", "up", "refresh"):
        assert lab.run(action), lab.errors()
        told += lab.events
    told += [lab.engine().outputs(), lab.engine().export()]
    text = json.dumps(told) + "".join(path.read_text(errors="replace") for path in files(lab))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "[secret]" in text
    assert azure.resources["/things/a/"]["password"] == SECRETS[0]
    assert azure.resources["/things/b/"]["tags"] == {"x": "hush-3"}


def test_secrets_stay_equal_from_run_to_run(lab):
    lab.up(PROGRAM)
    assert lab.up(PROGRAM) == {"same": 4}


def test_secret_has_the_form_of_an_exported_one(lab):
    lab.up(PROGRAM)
    sealed = lab.resource("a")["outputs"]["password"]
    assert sealed["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270"
    assert sealed["ciphertext"]


def test_inputs_in_the_outputs_are_secret_where_the_inputs_are(lab):
    lab.up(PROGRAM)
    kept = lab.resource("a")["outputs"]["__inputs"]
    assert "ciphertext" in kept["password"]
    assert "ciphertext" in kept["tags"]["deep"]
    assert kept["name"] == "a"


def test_key_belongs_to_its_owner_alone(lab):
    lab.up(PROGRAM)
    key = lab.state_dir / "embedded" / "secrets.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["missing", "another"])
def test_state_without_its_key_is_an_error_that_says_so(lab, damage):
    from cryptography.fernet import Fernet

    lab.up(PROGRAM)
    key = lab.state_dir / "embedded" / "secrets.key"
    key.unlink()
    if damage == "another":
        key.write_bytes(Fernet.generate_key())
    with pytest.raises(EngineError, match=r"secrets\.key.*--fresh"):
        lab.run("preview")
