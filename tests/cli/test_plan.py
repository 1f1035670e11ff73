"""`imagefleet plan`: other numbers of nodes, costs by a price file, and the picture."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from imagefleet.cli import plotting
from imagefleet.domain.plan import plan
from tests.cli.projects import ROOT, Project
from tests.domain import fleets

EXAMPLE = ROOT / "docs" / "prices.example.yaml"
PNG = b"\x89PNG\r\n\x1a\n"


def test_other_numbers_of_nodes_are_planned_and_said_to_be_no_file(project: Project) -> None:
    answer = project.run("plan", "--stack", "china", "--nodes", "second=1500")
    assert answer.code == 0
    assert "As if --nodes second=1500, not as the file says" in answer.out
    plain = project.run("plan", "--stack", "china", "--nodes", "second=1500", "--json")
    document = json.loads(plain.out)
    assert {pool["pool_key"]: pool["nodes"]["value"] for pool in document["pools"]} == {
        "large": 3000,
        "second": 1500,
    }
    assert document["capacity"] == {"nodes": 4500, "cores": 9000, "unknown_sizes": []}
    assert document["as_if_nodes"] == "second=1500"
    regions = document["image_versions"][0]["regions"]
    assert {each["name"]: each["replicas"]["value"] for each in regions}["chinanorth2"] == 6


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("many", "whole number"),
        ("-3", "whole number"),
        ("secnd=3", "did you mean 'second'?"),
        ("=3", "names no pool"),
        ("second=99999999", "is not possible"),
    ],
)
def test_a_number_that_cannot_be_is_refused(project: Project, nodes: str, words: str) -> None:
    answer = project.run("plan", "--stack", "china", f"--nodes={nodes}")
    assert answer.code == 2
    assert words in answer.err


def test_the_end_of_support_is_told_for_each_node_agent(project: Project) -> None:
    project.edit(
        "dev",
        ("ubuntu-24_04-lts", "0001-com-ubuntu-server-jammy"),
        ("sku: server", "sku: 22_04-lts"),
    )
    answer = project.run("plan", "--stack", "dev")
    assert "batch.node.ubuntu 22.04" in answer.out
    assert "2027-06-30" in answer.out
    (support,) = json.loads(project.run("plan", "--stack", "dev", "--json").out)["support"]
    assert (support["ends"], support["source"]) == ("2027-06-30", "Azure/Batch#200")


class TestPrices:
    def test_without_a_price_file_no_price_is_shown(self, project: Project) -> None:
        answer = project.run("plan", "--stack", "china")
        assert "No prices: give --prices FILE" in answer.out
        assert json.loads(project.run("plan", "--stack", "china", "--json").out)["costs"] is None

    def test_the_example_is_usable_and_said_to_hold_no_prices(self, project: Project) -> None:
        answer = project.run("plan", "--stack", "china", "--prices", str(EXAMPLE))
        assert answer.code == 0
        assert "these are no prices" in answer.out
        assert "3,600.00" in answer.out
        assert [line for line in answer.out.splitlines() if len(line.rstrip()) > 80] == []

    def test_the_estimate_names_currency_day_and_source(self, project: Project) -> None:
        file = project.folder / "prices.yaml"
        text = EXAMPLE.read_text(encoding="utf-8").replace("currency: XXX", "currency: EUR")
        file.write_text(text.replace("placeholders, no prices", "our contract"), encoding="utf-8")
        answer = project.run("plan", "--stack", "prod", "--prices", str(file))
        assert "EUR of 2026-11-01: our contract" in answer.out
        assert "these are no prices" not in answer.out
        assert "not counted:" in answer.out
        costs = json.loads(
            project.run("plan", "--stack", "prod", "--prices", str(file), "--json").out
        )["costs"]
        assert costs["prices"]["source"] == "our contract"
        assert costs["replicas_month"] == 13.0
        assert "the price file has no imageGigabytes.simulation" in costs["missing"]

    def test_a_price_that_yaml_would_round_is_written_in_quotes(self, project: Project) -> None:
        text = EXAMPLE.read_text(encoding="utf-8")
        file = project.folder / "prices.yaml"
        file.write_text(text.replace("dedicated: 1", "dedicated: 0.10", 1), encoding="utf-8")
        refused = project.run("plan", "--stack", "china", "--prices", "prices.yaml")
        assert refused.code == 2
        assert "quote it" in refused.err
        file.write_text(text.replace("dedicated: 1", 'dedicated: "0.10"', 1), encoding="utf-8")
        answer = project.run("plan", "--stack", "china", "--prices", "prices.yaml")
        assert answer.code == 0
        assert "360.00" in answer.out

    def test_why_tells_how_an_amount_comes_about(self, project: Project) -> None:
        answer = project.run("plan", "--stack", "china", "--prices", str(EXAMPLE), "--why")
        words = " ".join(answer.out.split())
        assert "costs.pools[large-1.0.0].hour = 3,000.00" in words
        assert "3000 dedicated nodes x 1 XXX an hour" in words

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("currency: EUR\n", "asOf must be the day"),
            ("- 1\n", "mapping"),
            ("currency: [\n", "prices.yaml"),
        ],
    )
    def test_a_price_file_that_cannot_be_used_exits_with_2(
        self, project: Project, text: str, words: str
    ) -> None:
        (project.folder / "prices.yaml").write_text(text, encoding="utf-8")
        answer = project.run("plan", "--prices", "prices.yaml")
        assert answer.code == 2
        assert words in answer.err
        assert project.run("plan", "--prices", "nowhere.yaml").code == 2


class TestPlot:
    def test_a_png_and_an_svg_are_drawn_with_every_pool(self, project: Project) -> None:
        answer = project.run("plan", "--stack", "china", "--plot", "nodes.png")
        assert answer.code == 0
        assert "Drawn: nodes.png" in answer.out
        assert (project.folder / "nodes.png").read_bytes().startswith(PNG)
        assert project.run("plan", "--stack", "china", "--plot", "nodes.svg", "--json").code == 0
        words = svg_words(project.folder / "nodes.svg")
        for part in (
            "large-1-0-0: 3,000 nodes",
            "second-1-0-0: 600 nodes",
            "Model of the rehearsal",
        ):
            assert part in words

    def test_the_same_plan_is_the_same_svg(self, project: Project) -> None:
        for name in ("one.svg", "two.svg"):
            project.run("plan", "--stack", "prod", "--plot", name)
        one, two = ((project.folder / name).read_bytes() for name in ("one.svg", "two.svg"))
        assert one == two

    @pytest.mark.parametrize("name", ["nodes.pdf", "nodes", "no/such/folder/nodes.svg"])
    def test_what_cannot_be_drawn_is_refused_before_anything_is_printed(
        self, project: Project, name: str
    ) -> None:
        answer = project.run("plan", "--plot", name)
        assert answer.code == 2
        assert answer.out == ""

    def test_a_stack_named_in_other_letters_is_drawn(self, project: Project) -> None:
        shutil.copy(project.folder / "Pulumi.dev.yaml", project.folder / "Pulumi.画像.yaml")
        assert project.run("plan", "--stack", "画像", "--plot", "nodes.svg").code == 0
        assert "画像" in svg_words(project.folder / "nodes.svg")

    def test_curves_are_those_of_the_rehearsals_model(self) -> None:
        large, small = plotting.panels(plan(fleets.china()))
        assert (large.timeout, small.timeout) == (45.0, 15.0)
        chosen, advised, one = small.curves
        assert (chosen.nodes[-1], advised.nodes[-1], one.nodes[-1]) == (600, 600, 300)
        assert chosen.label == "3 replicas, as set: 13 min"
        assert one.label == "1, for comparison: 300 come up"
        for curve in (*large.curves, *small.curves):
            assert list(curve.nodes) == sorted(curve.nodes)

    def test_the_largest_pools_are_drawn_and_the_rest_is_counted(self, tmp_path: Path) -> None:
        fleet = fleets.fleet(pools={f"p{number}": fleets.pool() for number in range(9)})
        planned = plan(fleet)
        assert len(plotting.panels(planned)) == plotting.MOST_PANELS
        plotting.draw(planned, "many", tmp_path / "many.svg")
        assert "3 more are not drawn" in svg_words(tmp_path / "many.svg")

    def test_a_plan_without_nodes_has_an_empty_picture(self, tmp_path: Path) -> None:
        plotting.draw(plan(fleets.fleet(pools={})), "empty", tmp_path / "empty.png")
        assert (tmp_path / "empty.png").read_bytes().startswith(PNG)


def svg_words(path: Path) -> str:
    root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 (our own file)
    return " ".join(" ".join(root.itertext()).split())
