"""`imagefleet policy check` with a pack of which a rule breaks."""

from __future__ import annotations

import json

from rules.image import IMAGE_GENERALIZED
from tests.cli.projects import Project
from tests.policy.test_faults import folder

GOOD = IMAGE_GENERALIZED.good[0]


def test_a_check_ends_with_0_and_names_the_rule_and_the_resource(project: Project, tmp_path):
    image = {"type": GOOD.type, "name": "ubuntu", "props": dict(GOOD.props)}
    (project.folder / "input.json").write_text(json.dumps({"resources": [image]}))
    pack = tmp_path / "pack"
    pack.mkdir()
    more = ("--pack", str(folder(pack, ("image-generalized",), "check")), "--format", "json")
    answer = project.run("policy", "check", "input.json", *more)
    assert (answer.code, answer.err) == (0, "")
    results = {one["rule"]: one for one in json.loads(answer.out)["results"]}
    broken = results["image-generalized"]
    assert (broken["verdict"], broken["path"]) == ("undecided", "rule")
    found = results["rules-sound"]
    assert (found["verdict"], found["level"], found["resource"]) == ("fail", "advisory", "ubuntu")
    assert found["path"] == "image-generalized"
    assert "s3cret" not in answer.out
