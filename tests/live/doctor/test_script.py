"""`doctor --fix-script`: what a shell makes of it, and that it takes nothing away."""

from __future__ import annotations

import json
import re
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from imagefleet.cli import doctor_page
from imagefleet.domain.clouds import Cloud, profile
from imagefleet.live.crew import Crew
from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.live.doctor.model import ByHand, Check, Outcome, bad
from imagefleet.live.doctor.run import run_one
from tests.live.doctor.test_sources import FROM_MACHINE, GOOD_MACHINE, changed
from tests.live.fleets import MACHINE, PRINCIPAL, SUB, SUBSCRIPTION, f, replace

ROOT = Path(__file__).parents[3]
# The options of each command, as the reference of Azure CLI has them.
AZ = {
    "az batch location list-skus": {"--location"},
    "az cloud set": {"--name"},
    "az cloud show": {"--name", "--query", "--output"},
    "az provider register": {"--namespace", "--subscription", "--wait"},
    "az resource update": {"--ids", "--set"},
    "az role assignment create": {
        *("--role", "--scope", "--assignee", "--assignee-object-id", "--assignee-principal-type"),
    },
    "az vm convert": {"--ids"},
    "az vm extension delete": {"--ids"},
    "az vm generalize": {"--ids"},
}
ADDS = {"az provider register", "az role assignment create"}
KEY = "A" * 86 + "=="


def verb(words):
    """The command of Azure CLI without its options."""
    return " ".join(word for word in words[: words.index(next(w for w in words if w[0] == "-"))])


@pytest.fixture
def wrong(world):
    """Every outcome of a stack of which all that a command could mend is wrong."""
    stack = replace(FROM_MACHINE, access={"app": f.Grant(principal_id=PRINCIPAL)})
    world.bring_up(
        stack,
        version={"storageProfile": {"source": {"id": FROM_IMAGE}}},
        account={"allowedAuthenticationModes": ["AAD", "SharedKey"]},
    )
    more = replace(
        stack.images["ubuntu"],
        versions={**stack.images["ubuntu"].versions,
                  "2.0.0": stack.images["ubuntu"].versions["1.0.0"]},
    )  # fmt: skip
    machine = changed(GOOD_MACHINE, "properties.instanceView.statuses", [{"code": "x"}])
    machine["properties"]["instanceView"]["extensions"] = [{"name": "it's; rm"}]
    world.suppose(
        subscriptions={SUBSCRIPTION: {"providers": {"Microsoft.Batch": "NotRegistered"}}},
        permissions=[{"scope": SUB, "actions": ["*/read"]}],
        resources=[
            {"id": MACHINE, "body": machine},
            {"id": f"{MACHINE}/extensions/agent", "body": {"properties": {}}},
        ],
    )
    environment = {"AZURE_BATCH_ACCESS_KEY": KEY}
    with Crew() as crew:
        view = world.view(replace(stack, images={"ubuntu": more}), crew, environment)
        return [run_one(check, view) for check in CHECKS]


FROM_IMAGE = f"{SUB}/resourceGroups/builders/providers/Microsoft.Compute/images/base"


def run(text, folder, cloud="AzureCloud"):
    """Run a script with an `az` that only writes down what it is asked; exit code and calls."""
    log = folder / "log"
    az = folder / "az"
    az.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = cloud ]; then echo {cloud}; exit; fi\n'
        f'printf "%s\\n" az "$@" "" >> {shlex.quote(str(log))}\n'
    )
    az.chmod(az.stat().st_mode | stat.S_IEXEC)
    done = subprocess.run(
        ["/bin/sh"], input=text, text=True, capture_output=True, cwd=folder, check=False,
        env={"PATH": f"{folder}:/usr/bin:/bin"},
    )  # fmt: skip
    calls = log.read_text().split("\n\n") if log.exists() else []
    return done, [call.split("\n") for call in calls if call]


def test_all_that_it_runs_adds_something_and_takes_nothing_away(wrong, tmp_path):
    text = doctor_page.script("dev", Cloud.PUBLIC, wrong, complete=True)
    for shell in ("sh", "bash"):
        subprocess.run([shell, "-n"], input=text, text=True, check=True)
    done, calls = run(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {verb(words) for words in calls} == ADDS
    assert KEY not in text


def test_what_takes_something_away_stands_in_it_with_the_reason(wrong):
    text = doctor_page.script("dev", Cloud.PUBLIC, wrong, complete=True)
    lines = text.splitlines()
    commented = [line.removeprefix("#   ") for line in lines if line.startswith("#   ")]
    verbs = {verb(shlex.split(line)) for line in commented if line.startswith("az ")}
    assert verbs == {"az vm generalize", "az vm extension delete", "az resource update"}
    assert "unset AZURE_BATCH_ACCESS_KEY" in commented
    blocks = [block for block in text.split("\n\n") if "\n#   " in block]
    assert len(blocks) == 4
    assert all("\n# Not run by this script: " in block for block in blocks)
    assert "'" in next(line for line in commented if "; rm" in line)


def test_every_command_is_one_that_azure_cli_has(wrong):
    commands = [
        command
        for outcome in wrong
        for each in outcome.found
        for command in (*each.commands, *(by_hand.command for by_hand in each.by_hand))
        if command.startswith("az ")
    ]
    assert {verb(shlex.split(command)) for command in commands} >= ADDS | {"az vm generalize"}
    for command in commands:
        words = shlex.split(command)
        options = {word for word in words if word.startswith("--")}
        assert options <= AZ[verb(words)], command


def test_every_command_that_a_remedy_or_the_guide_names_is_one_that_azure_cli_has():
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    text = " ".join([guide, *(check.remedy for check in CHECKS)])
    named = re.findall(r"`(az [^`]+)`", text)
    assert len(named) >= 3
    for command in named:
        assert any(command == known or command.startswith(f"{known} ") for known in AZ), command


def test_it_goes_on_in_the_stacks_own_cloud_only(wrong, tmp_path):
    text = doctor_page.script("china", Cloud.CHINA, wrong, complete=True)
    done, calls = run(text, tmp_path)
    assert (done.returncode, calls) == (2, [])
    assert "az cloud set --name AzureChinaCloud" in done.stderr
    done, calls = run(text, tmp_path, cloud=profile(Cloud.CHINA).cli_name)
    assert done.returncode == 0
    assert calls


NASTY = "x\ntouch stolen\n'; touch stolen; $(touch stolen) `touch stolen`"


def test_no_name_gets_out_of_its_quotes_or_its_comment(tmp_path):
    """Names come from Azure and from files: a shell must not take one for a command."""
    check = Check(id="names", title="Is", run=lambda _: (), remedy=NASTY, calls="none")
    from imagefleet.live.doctor.model import command

    found = (
        bad(NASTY, NASTY, command("az", "provider", "register", "--namespace", NASTY)),
        bad("b", "b", by_hand=[ByHand(command=command("az", "vm", "--ids", NASTY), why=NASTY)]),
    )
    outcomes = [Outcome(check=check, found=found), Outcome(check=check, found=(bad("a", "a"),))]
    text = doctor_page.script(NASTY, Cloud.PUBLIC, outcomes, complete=False)
    done, _ = run(text, tmp_path)
    assert (done.returncode, (tmp_path / "stolen").exists()) == (0, False), done.stderr
    assert "# Not complete: the doctor was stopped." in text


def test_where_nothing_fails_it_runs_nothing_at_all(tmp_path):
    text = doctor_page.script("dev", Cloud.PUBLIC, [], complete=True)
    assert [line for line in text.splitlines() if not line.startswith("#")] == []


def test_json_has_what_is_to_be_done_by_hand(wrong):
    from imagefleet.cli import doctoring

    document = doctoring._document("dev", wrong, 1, complete=True)
    of_check = {each["id"]: each for each in json.loads(json.dumps(document))["checks"]}
    (found,) = of_check["source-generalized"]["found"]
    assert found["commands"] == []
    assert found["byHand"][0]["command"].startswith("az vm generalize")
