"""The document's routes, filled: each in its language, none with a key, all of the pool in it."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.clouds import Cloud, profile
from imagefleet.domain.plan import plan
from imagefleet.domain.samples.body import body
from imagefleet.domain.samples.context import UnknownPoolError, context
from imagefleet.domain.samples.routes import ROUTES, Route
from imagefleet.domain.samples.syntax import Call, literal, source
from tests.domain import fleets, sample_fleets

RICH = plan(sample_fleets.rich())
CHINA = plan(fleets.china())
POOLS = ("all", "grows", "plain")

# The options of `az batch pool create` and `login`, as azure-cli 2.91.0 prints them with --help.
AZ_POOL_CREATE = {
    *("--id", "--vm-size", "--image", "--node-agent-sku-id", "--os-disk-caching", "--json-file"),
    *("--target-dedicated-nodes", "--target-low-priority-nodes", "--resize-timeout"),
    *("--task-slots-per-node", "--enable-inter-node-communication", "--metadata"),
    *("--start-task-command-line", "--start-task-wait-for-success", "--auto-scale-formula"),
}
# Public names of Azure.Compute.Batch, as its API listing of 2026 has them.
NET_NAMES = {
    *("BatchClient", "BatchPoolCreateOptions", "BatchVmImageReference", "BatchOsDisk"),
    *("VirtualMachineConfiguration", "BatchStartTask", "UserIdentity", "AutoUserSpecification"),
    *("BatchMetadataItem", "ResourceIdentifier", "TokenRequestContext", "Uri", "OfCloud"),
    *("DefaultAzureCredential", "DefaultAzureCredentialOptions"),
}


def sample(planned, pool, route) -> str:
    return ROUTES[route](context(planned, pool)).text


class TestContext:
    @pytest.mark.parametrize("name", ["all", "all-1-0-0", "all-1.0.0"])
    def test_a_pool_is_found_by_its_key_and_its_ids(self, name):
        assert context(RICH, name).pool.pool_id.value == "all-1-0-0"

    def test_a_key_that_stands_for_two_versions_is_no_pool(self):
        two = plan(
            fleets.fleet(
                images={
                    "ubuntu": fleets.image(
                        versions={"1.0.0": fleets.version(), "1.1.0": fleets.version()}
                    )
                },
                pools={"render": fleets.pool(versions=("1.0.0", "1.1.0"))},
            )
        )
        with pytest.raises(UnknownPoolError) as caught:
            context(two, "render")
        assert caught.value.known == ("render-1-0-0", "render-1-1-0")
        assert context(two, "render-1-1-0").pool.key == "render-1.1.0"

    def test_a_pool_that_is_not_there_is_refused_with_those_that_are(self):
        with pytest.raises(UnknownPoolError) as caught:
            context(RICH, "moon")
        assert caught.value.known == ("all-1-0-0", "grows-1-0-0", "plain-1-0-0")


class TestEveryRoute:
    @pytest.mark.parametrize("route", Route)
    @pytest.mark.parametrize("pool", POOLS)
    def test_the_pool_and_its_image_are_named_and_no_key_is(self, route, pool):
        text = sample(RICH, pool, route)
        assert f"{pool}-1-0-0" in text
        assert "Standard_D4ds_v5" in text
        assert "batch.node.ubuntu 24.04" in text
        assert not re.search(
            r"AzureNamedKey|SharedKey|account_key|--account-key|--shared-key", text
        )

    @pytest.mark.parametrize("route", [Route.PYTHON, Route.CSHARP])
    def test_every_client_is_given_its_cloud(self, route):
        text, china = sample(CHINA, "large", route), profile(Cloud.CHINA)
        assert china.batch_scope in text
        assert china.authority_host in text
        assert "https://renderbatchn.chinanorth3.batch.chinacloudapi.cn" in text
        assert "batch.core.windows.net" not in text

    @pytest.mark.parametrize("route", [Route.PYTHON, Route.AZ, Route.CSHARP])
    def test_what_the_data_plane_cannot_do_is_said_in_the_sample_and_beside_it(self, route):
        made = ROUTES[route](context(RICH, "all"))
        assert "identities" in made.left_out[0]
        assert "these fail on the nodes: a, b" in made.left_out[1]
        comments = " ".join(line.lstrip("#/ ") for line in made.text.splitlines())
        for each in made.left_out:
            assert each in comments
        assert ROUTES[route](context(RICH, "plain")).left_out == ()


class TestPython:
    @pytest.mark.parametrize("pool", POOLS)
    def test_it_parses_and_says_the_image_by_its_id_and_nothing_else(self, pool):
        tree = ast.parse(sample(RICH, pool, Route.PYTHON))
        (reference,) = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ImageReference")
        ]
        assert [word.arg for word in reference.keywords] == ["virtual_machine_image_id"]

    @given(st.text())
    def test_any_text_is_a_literal_that_means_it(self, text):
        assert ast.literal_eval(literal(text)) == text

    @given(
        st.recursive(
            st.one_of(st.text(), st.integers(), st.booleans(), st.none()),
            st.lists,
            max_leaves=8,
        ),
        st.integers(0, 3),
    )
    def test_any_value_is_source_that_means_it(self, value, depth):
        assert ast.literal_eval(source(value, depth)) == value

    def test_an_argument_that_is_none_is_left_out(self):
        assert source(Call("f", {"a": None, "b": 1})) == "f(b=1)"


class TestAz:
    def script(self, pool, planned=RICH) -> str:
        return sample(planned, pool, Route.AZ)

    def words(self, text, command) -> list[str]:
        start = text.index(command)
        return shlex.split(text[start:].split("\n\n")[0].replace("\\\n", " "))

    @pytest.mark.parametrize("pool", POOLS)
    def test_the_shell_accepts_it(self, pool):
        run = subprocess.run(
            ["sh", "-n"], input=self.script(pool), text=True, capture_output=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")

    def test_a_plain_pool_is_made_with_the_options_of_the_document(self):
        words = self.words(self.script("plain"), "az batch pool create")
        assert words[words.index("--image") + 1].endswith("/images/ubuntu/versions/1.0.0")
        assert words[words.index("--node-agent-sku-id") + 1] == "batch.node.ubuntu 24.04"
        assert words[words.index("--target-dedicated-nodes") + 1] == "10"
        assert words[words.index("--resize-timeout") + 1] == "PT15M"
        assert {word for word in words if word.startswith("--")} <= AZ_POOL_CREATE

    @pytest.mark.parametrize("pool", ["all", "grows"])
    def test_any_other_is_made_from_the_whole_body_in_a_file(self, pool):
        text = self.script(pool)
        document = text.split("<<'POOL'\n")[1].split("\nPOOL\n")[0]
        assert json.loads(document) == body(context(RICH, pool))
        assert self.words(text, "az batch pool create")[4:] == ["--json-file", "pool.json"]

    def test_it_signs_in_to_the_cloud_and_without_the_accounts_key(self):
        text = self.script("large", CHINA)
        assert "az cloud set --name AzureChinaCloud" in text
        assert "unset AZURE_BATCH_ACCESS_KEY" in text
        login = self.words(text, "az batch account login")
        assert login[4:] == ["--name", "renderbatchn", "--resource-group", "render"]


class TestCSharp:
    @pytest.mark.parametrize("pool", POOLS)
    def test_only_names_of_the_library_are_made(self, pool):
        made = set(re.findall(r"new (\w+)", sample(RICH, pool, Route.CSHARP)))
        made |= set(re.findall(r"new (\w+)", sample(CHINA, "large", Route.CSHARP)))
        assert {"BatchClient", "BatchPoolCreateOptions", "BatchVmImageReference"} <= made
        assert made <= NET_NAMES

    @pytest.mark.parametrize("pool", POOLS)
    def test_brackets_and_quotes_are_closed(self, pool):
        text = sample(RICH, pool, Route.CSHARP)
        code = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', re.sub(r"(?m)^//.*$", "", text))
        assert code.count('"') % 2 == 0
        for opened, closed in ("()", "{}", "[]"):
            assert code.count(opened) == code.count(closed)

    def test_the_image_is_named_by_its_id_and_nothing_else(self):
        text = sample(RICH, "plain", Route.CSHARP)
        inside = text.split("new BatchVmImageReference\n{")[1].split("};")[0]
        assert re.findall(r"(\w+) =", inside) == ["VirtualMachineImageId"]

    def test_what_it_does_not_show_is_said(self):
        left_out = ROUTES[Route.CSHARP](context(RICH, "all")).left_out
        assert "mounts" in left_out[-1]


class TestPortal:
    def test_the_steps_are_those_of_the_document_with_the_values_of_the_stack(self):
        text = sample(CHINA, "large", Route.PORTAL)
        sentences = re.findall(r"\(D(\d+)\)", text)
        assert sentences == ["84", "85", "86", "87", "88", "89"]
        for part in ("portal.azure.cn", "renderbatchn", "renderimages", "1.0.0", "3000", "PT45M"):
            assert part in text

    @pytest.mark.parametrize("pool", POOLS)
    def test_prose_fits_a_terminal(self, pool):
        text = sample(RICH, pool, Route.PORTAL)
        prose = [line for line in text.splitlines() if not line.startswith("   ")]
        steps = [line[:2] for line in prose if line[:1].isdigit()]
        assert steps == ["1.", "2.", "3.", "4.", "5.", "6."]
        assert [line for line in prose if len(line) > 80] == []
