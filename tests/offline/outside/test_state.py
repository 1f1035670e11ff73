"""Outside facts in the state: all that a file tells is kept, or nothing of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from imagefleet.offline.outside.grants import grant_id
from imagefleet.offline.outside.parse import OutsideFileError, parse_outside
from imagefleet.offline.outside.state import supposed
from tests.offline.azure.world import GALLERY, GUID, PRINCIPAL, SUBSCRIPTION, World

SUB = f"/subscriptions/{SUBSCRIPTION}"
LOCKS = [{"scope": SUB, "level": "ReadOnly"}]
GRANT = {"scope": SUB, "role": "reader", "principal": PRINCIPAL}


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "azure.sqlite")
    yield made
    made.azure.close()


def kept(world: World):
    with world.azure.store.read() as transaction:
        grants = transaction.of_type("Microsoft.Authorization/roleAssignments")
        return supposed(transaction).document, [grant.id for grant in grants]


@pytest.mark.parametrize("form", ["Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"])
def test_a_grant_is_there_under_an_id_that_follows_from_it(world, form):
    outside = parse_outside({"grants": [{**GRANT, "role": form}]})
    world.azure.suppose(outside)
    world.azure.suppose(outside)
    assert kept(world) == ({"grants": [{**GRANT, "role": form}]}, [grant_id(outside.grants[0])])


def test_a_grant_that_cannot_be_leaves_everything_as_it_was(world):
    """A role that was made here and deleted is no role any more."""
    world.path("ResourceGroup", "Gallery")
    role = world.make("RoleDefinition").id
    world.azure.suppose(parse_outside({"grants": [GRANT]}))
    before = kept(world)
    world.delete("RoleDefinition", role)
    wanted = {"locks": LOCKS, "grants": [{**GRANT, "scope": GALLERY}, {**GRANT, "role": role}]}
    with pytest.raises(
        OutsideFileError, match=f"the grant of '{role}' on {SUB} cannot be: .*{GUID}"
    ):
        world.azure.suppose(parse_outside(wanted))
    assert kept(world) == before


def test_a_grant_like_one_that_was_made_here_is_not_made_twice(world):
    world.path("ResourceGroup", "Gallery", "RoleAssignment")
    world.azure.suppose(parse_outside({"grants": [{**GRANT, "scope": GALLERY}]}))
    assert len(kept(world)[1]) == 1


def test_a_provider_starts_without_a_reader_of_yaml():
    """One starts for every preview and update of the Pulumi command."""
    modules = "imagefleet.offline.pulumi_cli.provider, imagefleet.offline.opening"
    code = f"import sys, {modules}; print([name for name in sys.modules if 'ruamel' in name])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_state_that_names_a_role_that_there_is_not_is_used_on(world):
    """Whoever told it is not asked again, and may tell something else."""
    told = {"grants": [{**GRANT, "role": "Raeder"}], "locks": LOCKS}
    with world.azure.store.write() as transaction:
        transaction.note("outside", json.dumps(told))
    assert kept(world) == (told, [])
    world.azure.suppose(parse_outside({"grants": [GRANT]}))
    document, grants = kept(world)
    assert (document, len(grants)) == ({"grants": [GRANT]}, 1)
    with pytest.raises(OutsideFileError, match="'Raeder' is not known"):
        parse_outside(told)
