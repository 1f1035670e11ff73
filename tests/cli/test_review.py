"""`imagefleet review`: two revisions of a real repository, rehearsed and compared."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.cli.projects import ROOT, Project
from tests.cli.repositories import git
from tests.review.markdown_checks import assert_valid


def test_the_difference_between_two_revisions(repository: Project) -> None:
    repository.edit("dev", ("dedicated: 4", "dedicated: 900"))
    answer = repository.run("review", "--base", "main", "--html", "review.html")
    assert answer.code == 0, answer.err
    assert_valid(answer.out)
    assert "✅ `dev` passes. 1 pool in place, 1 image version in place." in answer.out
    assert "| `work-1-0-0` | in place: scaleSettings | 4 → 900 | ubuntu 1.0.0 |" in answer.out
    assert "westeurope 2 → 4" in answer.out
    assert "4 → 900" in (repository.folder / "review.html").read_text(encoding="utf-8")
    # Nothing of a review stays behind, and nothing of the repository has changed.
    assert git(repository, "status", "--short") == "M Pulumi.dev.yaml\n?? review.html"


def test_each_side_runs_its_own_program_and_its_own_components(repository: Project) -> None:
    """A change of code alone shows: neither side imports what the other runs."""
    component = repository.folder / "components" / "gallery.py"
    changed = component.read_text(encoding="utf-8").replace(
        "description=plan.description", 'description="by another component"'
    )
    assert changed != component.read_text(encoding="utf-8")
    component.write_text(changed, encoding="utf-8")
    answer = repository.run("review", "--base", "HEAD")
    assert answer.code == 0, answer.err
    assert "1 other resource updated" in answer.out
    assert '+     description: "by another component"' in answer.out


def test_costs_before_and_after_by_a_price_file(repository: Project) -> None:
    shutil.copyfile(ROOT / "docs" / "prices.example.yaml", repository.folder / "prices.yaml")
    repository.edit("dev", ("dedicated: 4", "dedicated: 900"))
    answer = repository.run("review", "--base", "main", "--prices", "prices.yaml")
    assert answer.code == 0, answer.err
    assert_valid(answer.out)
    assert "| `dev` | All replicas, a month | 2.00 | 4.00 |" in answer.out
    assert "| `dev` | Pool work-1-0-0, an hour at its ceiling | 4.00 | 900.00 |" in answer.out
    assert "these are no prices" in answer.out


def test_a_project_in_a_folder_of_its_repository(repository: Project) -> None:
    shutil.rmtree(repository.folder / ".git")
    git(repository, "init", "-q", "-b", "main", "..")
    git(repository, "add", "-A", "..")
    git(repository, "commit", "-qm", "base")
    repository.edit("dev", ("dedicated: 4", "dedicated: 900"))
    answer = repository.run("review", "--base", "main")
    assert answer.code == 0, answer.err
    assert "1 pool in place, 1 image version in place" in answer.out


def test_a_pack_that_no_archive_would_hold_is_missed_too(repository: Project) -> None:
    """Attributes of the repository decide what an archive holds, not what belongs to a project."""
    (repository.folder / ".gitattributes").write_text("policy export-ignore\n", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "attributes")
    shutil.rmtree(repository.folder / "policy")
    answer = repository.run("review", "--base", "main")
    assert (answer.code, "no policy pack judged this" in answer.out) == (1, True)


def test_a_folder_of_that_name_without_a_pack_is_none(repository: Project) -> None:
    shutil.rmtree(repository.folder / "policy")
    (repository.folder / "policy").mkdir()
    (repository.folder / "policy" / "README.md").write_text("who may do what", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "no pack")
    answer = repository.run("review", "--base", "HEAD")
    assert (answer.code, "only told" in answer.out) == (0, True), answer.out


def test_a_pack_beside_the_project_is_missed_too(repository: Project) -> None:
    shutil.rmtree(repository.folder / ".git")
    shared = repository.folder.parent / "shared-policy"
    shutil.move(repository.folder / "policy", shared)
    (repository.folder / "policy").symlink_to("../shared-policy")
    git(repository, "init", "-q", "-b", "main", "..")
    git(repository, "add", "-A", "..")
    git(repository, "commit", "-qm", "base")
    (repository.folder / "policy").unlink()
    answer = repository.run("review", "--base", "main")
    assert (answer.code, "no policy pack judged this" in answer.out) == (1, True)
    assert (shared / "PulumiPolicy.yaml").is_file()


def test_a_warning_of_the_base_is_not_taken_for_its_error(repository: Project) -> None:
    repository.add_to_program("\nimport sys\nprint('careful: old', file=sys.stderr)\n")
    git(repository, "commit", "-qam", "warns")
    repository.edit("dev", ("dedicated: 4", "dedicated: 900"))
    repository.add_to_program("\nraise pulumi.RunError('no such image')\n")
    git(repository, "commit", "-qam", "fails")
    answer = repository.run("review", "--base", "HEAD")
    assert "no such image" in answer.out
    assert "careful" not in answer.out


def test_a_link_out_of_the_repository_does_not_stop_a_review(repository: Project) -> None:
    (repository.folder / "elsewhere").symlink_to("/nowhere/at/all")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "a link")
    answer = repository.run("review", "--base", "HEAD")
    assert (answer.code, "nothing changes" in answer.out.lower()) == (0, True), answer.err


def test_a_mandatory_failure_exits_with_1(repository: Project) -> None:
    repository.add_to_program(
        "\nfrom pulumi_azure_native import batch\n"
        'batch.BatchAccount("raw", account_name="rawaccount", location="westeurope",\n'
        '    resource_group_name="imagefleet-dev", allowed_authentication_modes=["SharedKey"])\n'
    )
    answer = repository.run("review", "--base", "main", "--output", "review.md")
    assert (answer.code, answer.out) == (1, "")
    text = (repository.folder / "review.md").read_text(encoding="utf-8")
    assert "❌ `dev` refused by policy" in text
    assert "`account-entra-only`" in text


def test_a_change_cannot_get_rid_of_the_pack(repository: Project) -> None:
    shutil.rmtree(repository.folder / "policy")
    answer = repository.run("review", "--base", "main")
    assert answer.code == 1
    assert "no policy pack judged this" in answer.out


def test_stacks_that_come_and_go(repository: Project) -> None:
    git(repository, "mv", "Pulumi.dev.yaml", "Pulumi.lab.yaml")
    answer = repository.run("review", "--base", "main")
    words = " ".join(answer.out.split())
    assert answer.code == 0, answer.err
    assert re.search(r"`dev` only told, .* 1 pool removed", words)
    assert "The stack file is gone" in words
    assert "`lab` passes. 1 pool new" in words
    assert "The base does not have this stack" in words


def test_a_base_that_cannot_come_up_is_said(repository: Project) -> None:
    file = repository.folder / "Pulumi.dev.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("cloud: public", "cloud: nowhere"), encoding="utf-8")
    git(repository, "commit", "-qam", "broken")
    file.write_text(good, encoding="utf-8")
    answer = repository.run("review", "--base", "main")
    assert answer.code == 0, answer.err
    assert "The base could not be brought up" in answer.out
    assert "nowhere" in answer.out


def test_the_program_of_a_change_sees_no_credential_of_the_caller(
    repository: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARM_CLIENT_SECRET", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "MY_KEY"):
        monkeypatch.setenv(name, "hush-hush")
    repository.add_to_program(
        "\nimport os\n"
        "if any('hush' in value for value in os.environ.values()):\n"
        "    raise pulumi.RunError('the program sees ' + ', '.join(sorted(os.environ)))\n"
    )
    answer = repository.run("review", "--base", "main")
    assert answer.code == 0, answer.out
    assert "hush" not in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "nowhere"), "git knows no revision 'nowhere'"),
        (("--base", "--output=x"), "is no revision"),
        (("--base", "main", "--stack", "moon"), "there is no stack 'moon'"),
        ((), "--base, --events and --deployments"),
        (("--base", "main", "--events", "dev=x"), "--base, --events and --deployments"),
        (("--events", "dev"), "STACK=FILE"),
        (("--events", "dev=missing.jsonl"), "cannot be read"),
        (("--deployments", "dev=a"), "STACK=BEFORE:AFTER"),
        (("--base", "main", "--output", "no/folder/x"), "cannot be written"),
        (("--base", "main", "--policy-config", "no.json"), "no.json"),
        (("--base", "main", "--prices", "no.yaml"), "no.yaml is no file"),
        (("--events", "dev=x", "--prices", "no.yaml"), "--prices needs --base"),
        (("--events", "dev=x", "--stack", "dev"), "--stack needs --base"),
        (("--deployments", "dev=a:b", "--policy-config", "Pulumi.yaml"), "needs --base"),
    ],
)
def test_unusable_input_exits_with_2(repository: Project, arguments, said) -> None:
    answer = repository.run("review", *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())


def test_events_and_deployments_of_runs_elsewhere(project: Project) -> None:
    project.rehearse("dev")
    (project.folder / "export.json").rename(project.folder / "before.json")
    project.edit("dev", ("dedicated: 4", "dedicated: 900"))
    project.rehearse("dev")
    line = "| in place: scaleSettings | 4 → 900 | ubuntu 1.0.0 |"
    answer = project.run("review", "--events", "dev=events.jsonl")
    assert (answer.code, line in answer.out) == (0, True), answer.out
    answer = project.run("review", "--deployments", "dev=before.json:export.json")
    assert (answer.code, line in answer.out) == (0, True), answer.out
    assert "only told" in answer.out
    assert "simulated Azure" not in answer.out


@pytest.mark.parametrize("text", ["{", "[1]\n", '{"a": 1}\nnonsense\n'])
def test_a_file_that_holds_no_events_is_named(project: Project, text: str) -> None:
    (project.folder / "events.jsonl").write_text(text, encoding="utf-8")
    answer = project.run("review", "--events", "dev=events.jsonl")
    assert (answer.code, "events.jsonl, line" in answer.err) == (2, True)
