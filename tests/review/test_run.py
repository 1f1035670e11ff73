"""What events and deployments are read as: the end, lines, shapes, changed secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefleet.review import markdown_report
from imagefleet.review.change_words import verdict
from imagefleet.review.changes import ChangeClass, StackReview, review_of
from imagefleet.review.deployments import read_deployment, run_between
from imagefleet.review.redaction import SECRET
from imagefleet.review.run import CUT_OFF, Run, RunInputError, read_events, run_of

SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
END = {"summaryEvent": {"PolicyPacks": {"p": "1"}}}
POOL = "azure-native:batch:Pool"
URN = f"urn:pulumi:dev::p::{POOL}::work"


def step(before: Any, after: Any, **more: Any) -> dict[str, Any]:
    metadata = {"op": "update", "urn": URN, "type": POOL} | more
    sides = {
        side: {"custom": True, "inputs": {"poolName": "work"} | inputs}
        for side, inputs in (("old", before), ("new", after))
    }
    return {"resourcePreEvent": {"metadata": metadata | sides}}


def secret(ciphertext: str) -> dict[str, str]:
    return SIGNATURE | {"ciphertext": ciphertext}


def deployment(inputs: dict[str, Any]) -> dict[str, Any]:
    state = {"urn": URN, "type": POOL, "custom": True, "id": "i", "inputs": inputs}
    return {"deployment": {"resources": [state]}}


def raw(review: StackReview) -> str:
    return markdown_report.render([review])


class TestTheEnd:
    """Only the summary says that a preview came to its end."""

    def test_a_preview_cut_off_midway_fails(self) -> None:
        run = run_of([step({}, {"vmSize": "b"})])
        assert (run.succeeded, run.errors) == (False, (CUT_OFF,))
        review = review_of("dev", run, judging_expected=False)
        assert review.refused
        assert verdict(review) == "failed"
        assert CUT_OFF in raw(review)

    def test_no_event_at_all_is_no_preview(self) -> None:
        assert not run_of([]).succeeded

    def test_with_a_summary_it_passes(self) -> None:
        run = run_of([step({}, {"vmSize": "b"}), END])
        assert (run.succeeded, run.errors) == (True, ())

    def test_another_error_says_enough(self) -> None:
        run = run_of([{"diagnosticEvent": {"severity": "error", "message": "broken"}}])
        assert (run.succeeded, run.errors) == (False, ("broken",))


class TestShapes:
    """What has another shape is named with its file and line, never a crash."""

    @pytest.mark.parametrize(
        "event",
        [
            {"resourcePreEvent": {}},
            {"resourcePreEvent": {"metadata": {"op": "same", "urn": "u"}}},
            {"resourcePreEvent": {"metadata": {"op": "same", "urn": "u", "type": 1}}},
            step({}, {}, keys=3),
            step({}, {}, detailedDiff={"a": None}),
            {
                "resourcePreEvent": {
                    "metadata": {"op": "same", "urn": "u", "type": "t", "new": {"inputs": [1]}}
                }
            },
            {"policyEvent": None},
            {"summaryEvent": None},
            {"diagnosticEvent": []},
            {"diagnosticEvent": {"severity": "error", "message": 3}},
            {"policyAnalyzeSummaryEvent": {"passed": 3}},
        ],
        ids=lambda each: json.dumps(each)[:40],
    )
    def test_an_event(self, event: Any) -> None:
        text = json.dumps(END) + "\n" + json.dumps(event)
        with pytest.raises(RunInputError, match=r"told\.jsonl, line 2: .* no "):
            read_events(text, name="told.jsonl")

    @pytest.mark.parametrize(
        "resource",
        [
            {},
            1,
            None,
            {"urn": "u"},
            {"urn": "u", "type": 3},
            {"urn": "u", "type": "t", "inputs": 1},
        ],
        ids=str,
    )
    def test_a_deployment(self, resource: Any) -> None:
        sound = {"urn": "u", "type": "t", "inputs": None}
        document = {"deployment": {"resources": [sound, resource]}}
        with pytest.raises(RunInputError, match=r"export\.json, resource 2 of the deployment: "):
            read_deployment(json.dumps(document), name="export.json")

    @pytest.mark.parametrize("text", ["[1]", "1", "null", '{"deployment": [1]}'])
    def test_no_deployment_at_all(self, text: str) -> None:
        with pytest.raises(RunInputError, match=r"export\.json holds no deployment"):
            read_deployment(text, name="export.json")

    def test_what_is_null_and_may_be_is_taken(self) -> None:
        event = {
            "resourcePreEvent": {
                "metadata": {
                    "op": "create",
                    "urn": URN,
                    "type": POOL,
                    "old": None,
                    "new": {"inputs": None},
                    "keys": None,
                    "detailedDiff": None,
                }
            }
        }
        told = read_events("\n".join(map(json.dumps, (event, END))))
        assert [each.op for each in run_of(told).steps] == ["create"]

    @pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085"])
    def test_only_a_line_feed_ends_a_line(self, sign: str) -> None:
        event = {"diagnosticEvent": {"severity": "error", "message": f"a{sign}b"}}
        text = json.dumps(event, ensure_ascii=False) + "\r\n" + json.dumps(END) + "\n"
        assert read_events(text) == [event, END]


class TestChangedSecrets:
    """A changed credential is a change of its class, and is never shown."""

    def only(self, run: Run) -> StackReview:
        review = review_of("dev", run, judging_expected=False)
        assert len(review.pools) == 1
        return review

    def mounts(self, password: str) -> dict[str, Any]:
        options = f"vers=3,password={password}"
        mount = {"cifsMountConfiguration": {"mountOptions": options}}
        return {"mountConfiguration": [mount]}

    def test_a_password_within_a_text_keeps_its_class(self) -> None:
        review = self.only(run_of([step(self.mounts("hush1"), self.mounts("hush2")), END]))
        assert review.pools[0].change is ChangeClass.ZERO_NODES
        (diff,) = review.steps[0].diffs
        assert diff.path == "mountConfiguration[0].cifsMountConfiguration.mountOptions"
        assert diff.before == diff.after == f"vers=3,password={SECRET}"
        assert "hush" not in raw(review) + repr(review)

    def test_a_marked_secret_of_two_deployments_is_an_update(self) -> None:
        sides = (deployment({"metadata": secret(text)}) for text in ("aaa", "bbb"))
        review = self.only(run_between(*sides))
        assert review.steps[0].op == "update"
        (diff,) = review.steps[0].diffs
        assert (diff.path, diff.before, diff.after) == ("metadata", SECRET, SECRET)
        assert "aaa" not in raw(review) + repr(review)
        assert "bbb" not in raw(review) + repr(review)

    def test_the_same_secret_is_no_change(self) -> None:
        sides = (deployment({"metadata": secret("aaa")}) for _ in range(2))
        assert run_between(*sides).steps[0].op == "same"

    def test_a_value_of_a_named_object_is_hidden_on_both_sides(self) -> None:
        sides = (
            {"metadata": [{"name": "API_TOKEN", "value": text}]} for text in ("hush1", "hush2")
        )
        review = self.only(run_of([step(*sides), END]))
        (diff,) = review.steps[0].diffs
        assert (diff.path, diff.before, diff.after) == ("metadata[0].value", SECRET, SECRET)
        assert "hush" not in raw(review) + repr(review)

    def test_what_was_marked_secret_is_not_shown_when_the_mark_goes(self) -> None:
        review = self.only(run_of([step({"vmSize": secret("a")}, {"vmSize": "hush1"}), END]))
        (diff,) = review.steps[0].diffs
        assert (diff.before, diff.after) == (SECRET, SECRET)

    @pytest.mark.parametrize(
        "path", ["startTask.commandLine", "startTask", 'startTask["a.b"][0].c']
    )
    def test_a_path_within_a_wholly_secret_value_counts(self, path: str) -> None:
        told = step({"startTask": secret("a")}, {"startTask": secret("a")}, detailedDiff={path: {}})
        (diff,) = run_of([told, END]).steps[0].diffs
        assert (diff.path, diff.kind, diff.before, diff.after) == (
            *("startTask", "update"),
            *(SECRET, SECRET),
        )
