"""The rules of the house that no linter holds: sizes, boundaries, numbers, dependencies."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
OURS = {"benchmarks", "components", "imagefleet", "rules", "soak", "tests"}
PRODUCT = ("imagefleet", "components", "policy")
ROOMS = (
    "components",
    "imagefleet/cli",
    "imagefleet/domain",
    "imagefleet/live",
    "imagefleet/offline",
    "imagefleet/review",
    "imagefleet/settings",
    "imagefleet/simulate",
    "policy/rules",
)


def python_files(*rooms: str) -> list[Path]:
    """Every Python file under the given rooms of the project, in a stable order."""
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute import of a file as (dotted name, line)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Every call of a file as (name of the function or method, line)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}", node.lineno
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno


class TestSizes:
    """What a reader can take in at once."""

    def test_no_python_file_is_longer_than_400_lines(self):
        sizes = {
            shown(path): len(path.read_text(encoding="utf-8").splitlines())
            for path in [
                *python_files(*PRODUCT, "tests", "benchmarks", "soak"),
                *ROOT.glob("*.py"),
            ]
        }
        assert {name: size for name, size in sizes.items() if size > 400} == {}

    @pytest.mark.parametrize("name", ["__main__.py", "policy/__main__.py"])
    def test_an_entry_point_is_under_60_lines(self, name):
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) < 60

    def test_a_function_fits_a_screen(self):
        long = {
            f"{shown(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
            for path in python_files(*PRODUCT)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > 50
        }
        assert long == {}


class TestBoundaries:
    """Who may know whom, and what the pure rooms leave alone."""

    @pytest.mark.parametrize("room", ROOMS)
    def test_every_room_that_these_tests_look_into_is_there(self, room):
        assert len(python_files(room)) > 1

    def test_the_import_contracts_are_kept(self):
        command = Path(sys.executable).with_name("lint-imports")
        paths = os.pathsep.join([str(ROOT), str(ROOT / "policy")])
        run = subprocess.run(
            [command, "--no-cache"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr

    def test_the_domain_imports_the_standard_library_and_itself_only(self):
        foreign = [
            f"{shown(path)}:{line} {name}"
            for path in python_files("imagefleet/domain")
            for name, line in imported(path)
            if name.split(".")[0] not in sys.stdlib_module_names
            and not name.startswith("imagefleet.domain")
        ]
        assert foreign == []

    def test_the_domain_does_no_input_output_and_reads_no_clock(self):
        # urllib.parse only takes text apart; urllib.request would open a door
        doors = {"os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "tempfile"}
        impure = {"open", "print", "input", ".now", ".today", ".utcnow", ".read_text"}
        found = [
            f"{shown(path)}:{line} {name}"
            for path in python_files("imagefleet/domain")
            for name, line in [*imported(path), *calls(path)]
            if name.split(".")[0] in doors or name.startswith("urllib.request") or name in impure
        ]
        assert found == []

    def test_components_never_merge_options_and_never_count_positions(self):
        found = [
            f"{shown(path)}:{line} {name}"
            for path in python_files("components")
            if path.name != "runtime.py"  # no component: it rewrites the options of all resources
            for name, line in calls(path)
            if name in {".merge", "enumerate", "range"}
        ]
        assert found == [], "options go to super, parent=self to children; names come from keys"

    def test_importing_the_distribution_imports_nothing_else(self):
        program = "import sys, imagefleet, imagefleet.domain; print(*sys.modules)"
        run = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
        heavy = {"pulumi", "pulumi_azure_native", "pydantic", "rich", "typer", "grpc", "azure"}
        assert heavy.intersection(run.stdout.split()) == set()


class TestNumbers:
    """A number of the document stands once, in the domain."""

    ROOMS = (
        "components",
        "policy",
        "imagefleet/settings",
        "imagefleet/stack_yaml",
        "imagefleet/cli",
        "imagefleet/review",
        "imagefleet/simulate",
    )
    # nodes per replica, nodes of a large pool, nodes per step of the resize timeout
    OF_THE_DOCUMENT = frozenset({300, 600, 1000})
    MOST_REPLICAS = 100  # a common number otherwise: only where replicas are spoken of

    def files(self) -> list[Path]:
        return python_files(*self.ROOMS)

    def test_no_literal_of_the_document_outside_the_domain(self):
        found = [
            f"{shown(path)}:{line} {text.strip()}"
            for path in self.files()
            for line, number, text in self.whole_numbers(path)
            if not self.names_another(path, line)
            and (
                number in self.OF_THE_DOCUMENT
                or (number == self.MOST_REPLICAS and "replica" in text.lower())
            )
        ]
        assert found == []

    @staticmethod
    def names_another(path: Path, line: int) -> bool:
        """Whether a line names a number of Azure's REST API, which may be one of these too."""
        return path.is_relative_to(ROOT / "imagefleet/simulate") and any(
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and node.lineno == line
            for node in tree(path).body
        )

    @staticmethod
    def whole_numbers(path: Path) -> Iterator[tuple[int, int, str]]:
        """Every integer literal of a file as (line, value, the line's text)."""
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and type(node.value) is int:
                yield node.lineno, node.value, lines[node.lineno - 1]

    def test_no_resize_timeout_is_written_out_outside_the_domain(self):
        found = [
            f"{shown(path)}:{node.lineno} {node.value}"
            for path in self.files()
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"PT\d+[HM](\d+M)?", node.value)
        ]
        assert found == []


class TestDependencies:
    """Every dependency is declared, pinned, hashed and explained."""

    PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)

    @staticmethod
    def canonical(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    def declared(self, *extras: str) -> set[str]:
        return {
            self.canonical(re.match(r"[A-Za-z0-9._-]+", requirement)[0])
            for extra in extras or self.PROJECT["optional-dependencies"]
            for requirement in self.PROJECT["optional-dependencies"][extra]
        }

    def pins(self, name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return {self.canonical(package): version for package, version in self.PIN.findall(text)}

    def imported_by(self, *rooms: str) -> dict[str, str]:
        """Distributions of other people that the given rooms import, each with one place."""
        owners = packages_distributions()
        found: dict[str, str] = {}
        for path in python_files(*rooms):
            for name, line in imported(path):
                top = name.split(".")[0]
                if top in sys.stdlib_module_names or top in OURS:
                    continue
                for owner in self.owners_of(name, owners):
                    found[self.canonical(owner)] = f"{shown(path)}:{line}"
        return found

    @staticmethod
    def owners_of(name: str, owners: dict[str, list[str]]) -> list[str]:
        shared = {
            "azure.batch": "azure-batch",
            "azure.core": "azure-core",
            "azure.identity": "azure-identity",
            "azure.mgmt.authorization": "azure-mgmt-authorization",
            "azure.mgmt.batch": "azure-mgmt-batch",
            "azure.mgmt.compute": "azure-mgmt-compute",
            "azure.mgmt.resource": "azure-mgmt-resource",
            "google.protobuf": "protobuf",
            "pydantic_core": "pydantic",  # pinned by pydantic, and where it keeps its error types
            "ruamel.yaml": "ruamel-yaml",
        }
        for prefix, owner in shared.items():
            if name == prefix or name.startswith(f"{prefix}."):
                return [owner]
        top = name.partition(".")[0]
        return owners.get(top, [top])[:1]

    def test_the_base_distribution_needs_nothing(self):
        assert self.PROJECT["dependencies"] == []

    def test_what_the_product_imports_is_declared(self):
        for rooms, extras in [
            (("components", "imagefleet/domain"), ("program",)),
            (("imagefleet/offline",), ("program", "cli")),
            (("imagefleet",), ("program", "cli", "ci", "live", "plot", "simulate")),
        ]:
            undeclared = {
                name: place
                for name, place in self.imported_by(*rooms).items()
                if name not in self.declared(*extras)
            }
            assert undeclared == {}, f"add to the extras {extras}"

    def test_what_tests_and_benchmarks_import_is_declared(self):
        imported_by_them = self.imported_by("tests", "benchmarks", "soak")
        undeclared = {
            name: place for name, place in imported_by_them.items() if name not in self.declared()
        }
        assert undeclared == {}, "add to the extra dev, or do without"

    def test_what_the_product_declares_is_imported(self):
        unused = self.declared("program", "cli", "plot") - set(self.imported_by(*PRODUCT))
        assert unused == set(), "a dependency that nothing imports goes"

    def test_every_direct_dependency_says_why_it_is_there(self):
        text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
        explained = {self.canonical(name) for name in re.findall(r"(?m)^\| `([^`]+)` \|", text)}
        assert explained == self.declared()

    def test_every_direct_dependency_is_locked(self):
        assert self.declared() - set(self.pins("requirements.lock")) == set()

    def test_every_locked_version_has_hashes(self):
        text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        bare = [
            entry.split()[0]
            for entry in re.split(r"\n(?=[A-Za-z0-9])", text)
            if "==" in entry and "--hash=sha256:" not in entry
        ]
        assert bare == []

    def test_plain_pins_agree_with_the_lock(self):
        lock = self.pins("requirements.lock")
        plain = self.pins("requirements.txt")
        assert plain.items() <= lock.items()
        assert self.declared("program", "cli") <= set(plain)

    @pytest.mark.parametrize("name", ["requirements.lock", "requirements.txt"])
    def test_pins_name_no_index(self, name):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?:|--(extra-)?index-url|--find-links|--trusted-host", text)


class TestRepository:
    """What a stranger's clone must not contain."""

    def texts(self) -> Iterator[tuple[Path, str]]:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if listed.returncode != 0:
            pytest.skip("not a git work tree: the files of the repository cannot be listed")
        for name in filter(None, listed.stdout.split("\0")):
            path = ROOT / name
            if path.is_file() and path.suffix not in {".png", ".ico"}:
                yield path, path.read_text(encoding="utf-8")

    def test_no_path_of_somebodys_machine(self):
        home = re.compile(r"(?<![\w.~}])/(?:work|root|home|Users|tmp)/[\w.-]")
        found = [
            f"{shown(path)}:{number} {line.strip()}"
            for path, text in self.texts()
            for number, line in enumerate(text.splitlines(), 1)
            if home.search(line)
        ]
        assert found == []

    def test_every_decision_record_has_its_three_parts(self):
        records = sorted((ROOT / "docs/adr").glob("*.md"))
        numbers = [int(path.name[:4]) for path in records]
        assert numbers == list(range(1, len(records) + 1))
        for path in records:
            headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert headings == ["Context", "Decision", "Consequences"], path.name

    @pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
    def test_every_relative_link_leads_somewhere(self, name):
        text = (ROOT / name).read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        assert [link for link in links if not (ROOT / link).exists()] == []
