"""The catalogue of errors: complete, well formed, and found in what people have."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.cloud_errors import catalogue
from imagefleet.domain.cloud_errors.catalogue import CATALOGUE
from imagefleet.domain.cloud_errors.match import find
from imagefleet.domain.cloud_errors.model import Topic
from imagefleet.domain.cloud_errors.paths import named_properties, stack_key
from imagefleet.domain.cloud_errors.stack_values import MOST_SHOWN, stack_values
from imagefleet.domain.plan import plan
from tests.domain import fleets
from tests.domain.cloud_error_messages import MESSAGES

ROOT = Path(__file__).parents[2]
BY_ID = {error.id: error for error in CATALOGUE}


def ids(text: str) -> list[str]:
    return [match.error.id for match in find(text)]


class TestCatalogue:
    def test_no_two_errors_share_an_id_or_a_code(self):
        names = [name.lower() for error in CATALOGUE for name in error.names]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.id)
    def test_every_error_can_be_found_and_says_everything(self, error):
        assert error.codes or error.texts
        assert error.causes
        assert error.source
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.id)
        for text in (error.meaning, error.fix):
            assert text[-1] == "." or text.endswith((")", "`")), text
        assert all(re.fullmatch(r"D\d{1,2}", sentence) for sentence in error.sentences)
        assert all(1 <= int(sentence[1:]) <= 96 for sentence in error.sentences)

    @pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.id)
    def test_the_short_explanation_takes_two_lines_of_a_terminal_at_most(self, error):
        line = f"→ {error.brief} (imagefleet explain {error.id})"
        assert len(textwrap.wrap(line, 80 - 6)) <= 2

    def test_every_code_of_the_simulated_azure_is_known(self):
        codes = set(_codes_of_the_simulated_azure())
        assert len(codes) > 25
        assert {code for code in codes if catalogue.named(code) is None} == set()

    def test_a_misspelt_code_leads_to_the_nearest(self):
        assert catalogue.nearest("AllocationTimeout") == "AllocationTimedout"
        assert catalogue.nearest("the moon is missing") is None


def _codes_of_the_simulated_azure():
    for path in sorted((ROOT / "imagefleet/offline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AzureError":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value
            named = node.targets[0] if isinstance(node, ast.Assign) else None
            if getattr(named, "id", "") == "code" and isinstance(node.value, ast.Constant):
                yield node.value.value


class TestMatching:
    @pytest.mark.parametrize(("text", "expected"), MESSAGES)
    def test_a_message_is_recognised(self, text, expected):
        assert ids(text) == [expected]

    def test_every_error_has_a_message_here(self):
        assert {expected for _, expected in MESSAGES} == set(BY_ID)

    @pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.id)
    def test_an_id_or_code_alone_is_that_error_in_any_case(self, error):
        for name in error.names:
            assert ids(f" {name.upper()} ") == [error.id]

    @pytest.mark.parametrize(("text", "expected"), MESSAGES)
    def test_a_message_broken_over_lines_with_colours_is_still_that_message(self, text, expected):
        broken = textwrap.fill(text, 40, initial_indent="  | error: ", break_long_words=False)
        assert ids(f"\x1b[31m{broken}\x1b[0m") == [expected]

    def test_a_log_tells_each_error_once_in_its_order_with_its_count(self):
        filler = " creating... " * 100
        log = filler.join(["PoolBeingResized", "AccountCoreQuotaReached", "PoolBeingResized"])
        found = find(log)
        assert [(match.error.id, match.count) for match in found] == [
            ("pool-resizing", 2),
            ("core-quota-reached", 1),
        ]

    def test_code_and_message_of_one_error_count_once_and_every_error_counts(self):
        line = "PoolBeingResized: the pool 'a' is being resized\n"
        (found,) = find(line * 1000)
        assert (found.error.id, found.count, found.position) == ("pool-resizing", 1000, 0)

    def test_a_long_log_of_wrapped_errors_is_told_by_the_wrapped_ones(self):
        line = "AllocationFailed: Provider Error: cannot boot Hypervisor Generation '2'\n"
        (found,) = find(line * 5000)
        assert (found.error.id, found.count) == ("size-of-other-generation", 5000)

    def test_a_general_error_far_from_a_particular_one_is_told_too(self):
        far = " " + "x" * 2000 + " "
        near = "AllocationFailed: cannot boot Hypervisor Generation '2'"
        assert ids(near) == ["size-of-other-generation"]
        assert ids(f"{near}{far}AllocationFailed: no room") == [
            "size-of-other-generation",
            "allocation-failed",
        ]

    def test_a_code_inside_another_word_is_not_that_code(self):
        assert ids("MyOperationNotAllowedHere") == []

    def test_a_code_that_is_a_word_is_told_from_the_word(self):
        assert ids("a merge conflict in the file, conflict or not") == []
        assert ids("Status=409 Code=Conflict") == ["busy-or-kept"]

    @given(st.text(alphabet=st.characters(exclude_characters="_"), max_size=300))
    def test_any_text_is_taken(self, text):
        for match in find(text):
            assert match.count >= 1
            assert match.position >= 0
        assert all(named.path for named in named_properties(text))


class TestProperties:
    @pytest.mark.parametrize(
        ("path", "key"),
        [
            (
                (
                    "properties.deploymentConfiguration.virtualMachineConfiguration.imageReference"
                    ".version"
                ),
                "pools.<pool>.image and .versions",
            ),
            ("vmSize", "pools.<pool>.vmSize"),
            (
                "scaleSettings.fixedScale.resizeTimeout",
                "pools.<pool>.nodes.resizeTimeoutMinutes",
            ),
            ("mountConfiguration[0].nfs", "pools.<pool>.mounts"),
            ("properties.unheardOf", None),
        ],
    )
    def test_a_property_leads_to_the_key_that_decides_it(self, path, key):
        assert stack_key(path) == key

    def test_details_of_batch_name_name_and_path_and_only_the_path_is_told(self):
        details = (
            '"details":[{"key":"PropertyName","value":"version"},{"key":"PropertyPath",'
            '"value":"properties.virtualMachineConfiguration.imageReference.version"}]'
        )
        (named,) = named_properties(details)
        assert named.path.endswith("imageReference.version")
        assert named.key == "pools.<pool>.image and .versions"

    def test_a_quoted_word_that_no_key_decides_is_no_property(self):
        assert named_properties("the resource 'render' and the group 'x'") == ()


class TestStackValues:
    def test_every_topic_has_something_to_say_of_a_fleet(self):
        planned = plan(fleets.china())
        told = {
            topic for error in CATALOGUE for topic in error.topics if stack_values(error, planned)
        }
        assert told == set(Topic)

    def test_time_replicas_and_cores_of_a_pool_are_told_for_a_timeout(self):
        values = stack_values(BY_ID["resize-timed-out"], plan(fleets.china()))
        words = " ".join(values)
        for part in ("3000 nodes", "PT45M", "11 replicas", "10 at the least", "cores"):
            assert part in words

    def test_a_text_that_names_a_pool_is_told_of_that_pool(self):
        planned = plan(fleets.china())
        first, *others = planned.pools
        assert others
        text = f"AllocationTimedout: pool '{first.pool_id.value}' has not all nodes"
        values = " ".join(stack_values(BY_ID["size-of-other-generation"], planned, text))
        assert f"pools.{first.pool_key}:" in values
        assert not any(f"pools.{other.pool_key}:" in values for other in others)

    def test_an_id_is_told_by_its_kind_name_and_group_however_it_is_written(self):
        disk = f"{fleets.COMPUTE}/disks/builder-os".replace("resourceGroups", "RESOURCEGROUPS")
        source = fleets.SnapshotSource(os_disk=f"{disk}/", data_disks={})
        fleet = fleets.with_image(versions={"1.0.0": fleets.version(source=source)})
        error = next(one for one in CATALOGUE if Topic.SOURCES in one.topics)
        words = " ".join(stack_values(error, plan(fleet)))
        assert "is made from snapshots of disks/builder-os in group source" in words

    def test_a_large_fleet_is_told_in_few_lines(self):
        planned = plan(fleets.fleet(pools={f"p{n}": fleets.pool() for n in range(50)}))
        values = stack_values(BY_ID["size-of-other-generation"], planned)
        assert len(values) == MOST_SHOWN + 1
        assert values[-1] == f"and {50 - MOST_SHOWN} more like it"
