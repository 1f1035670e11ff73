"""The state file: transactions, threads, processes that die, and files that are not ours."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import AzureError
from imagefleet.offline.store import FORMAT, Record, Store, StoreError
from tests.offline.azure.world import ACCOUNT, SETTINGS, TOKENS, World

PAIRS = """
import itertools, sys
from pathlib import Path
from imagefleet.offline.store import Record, Store

store = Store(Path(sys.argv[1]))
for number in itertools.count():
    with store.write() as transaction:
        for half in "ab":
            transaction.put(Record(id=f"/x/{number}/{half}", type="t", parent="", state={},
                                   created=0, modified=0), claims=(f"{number}{half}",))
        transaction.advance_to(transaction.now + 1)
    print(number, flush=True)
"""
HALF = """
import sys, time
from pathlib import Path
from imagefleet.offline.store import Record, Store

store = Store(Path(sys.argv[1]))
with store.write() as transaction:
    transaction.put(Record(id="/x/1", type="t", parent="", state={}, created=0, modified=0))
    print("in", flush=True)
    time.sleep(60)
"""
WAITING = """
import sys
from pathlib import Path
from imagefleet.offline.store import Store

Store(Path(sys.argv[1])).close()
"""


def record(resource_id, **more):
    given = {"type": "t", "parent": "", "state": {}, "created": 0, "modified": 0, **more}
    return Record(id=resource_id, **given)


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "state" / "azure.sqlite")
    yield made
    made.close()


def test_what_is_put_is_read_back_in_any_case(store):
    with store.write() as transaction:
        transaction.put(record("/x/Name", state={"a": [1, None, "é"]}, internal={"b": 1.5}))
    with store.read() as transaction:
        found = transaction.get("/X/name/")
    assert (found.id, found.state, found.internal) == ("/x/Name", {"a": [1, None, "é"]}, {"b": 1.5})
    assert found.name == "Name"


def test_a_transaction_that_raises_leaves_nothing(store):
    def fail():
        with store.write() as transaction:
            transaction.put(record("/x/1"), claims=("c",), links=("/y",))
            transaction.advance_to(5)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as transaction:
        assert (transaction.get("/x/1"), transaction.now) == (None, 0)
        assert (transaction.owner("c"), transaction.linked("/y")) == (None, ())


def test_a_claim_has_one_owner_and_goes_with_it(store):
    with store.write() as transaction:
        transaction.put(record("/x/1"), claims=("Name",))
    with pytest.raises(sqlite3.IntegrityError), store.write() as transaction:
        transaction.put(record("/x/2"), claims=("name",))
    with store.write() as transaction:
        assert transaction.owner("NAME") == "/x/1"
        transaction.put(record("/x/1"), claims=("other",))
        assert transaction.owner("name") is None
        transaction.delete(transaction.get("/x/1"))
        assert transaction.owner("other") is None


def test_deleting_takes_what_is_nested_and_not_what_only_looks_like_it(store):
    with store.write() as transaction:
        for name in ("/x/a", "/x/a/b", "/x/a/b/c", "/x/ab", "/x/a-b", "/x/a%/b", "/x/a0"):
            transaction.put(record(name))
        transaction.delete(transaction.get("/x/a"))
        left = [found.id for found in transaction.of_type("t")]
        assert left == ["/x/a%/b", "/x/a-b", "/x/a0", "/x/ab"]
        assert transaction.was_deleted("/x/a/b/c")
        transaction.put(record("/x/a"))
        assert not transaction.was_deleted("/x/a")


def test_the_clock_is_kept_and_never_goes_back(store):
    with store.write() as transaction:
        transaction.advance_to(7.5)
        transaction.advance_to(3)
    store.close()
    with Store(store.path).read() as transaction:
        assert transaction.now == 7.5


def test_a_process_killed_inside_a_transaction_leaves_the_state_before_it(store):
    store.close()
    child = start(HALF, store.path)
    assert child.stdout.readline() == "in\n"
    kill(child)
    again = Store(store.path)
    with again.write() as transaction:
        assert transaction.get("/x/1") is None
        transaction.put(record("/x/1"))
    again.close()


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_process_killed_anywhere_leaves_whole_transactions(tmp_path, after):
    path = tmp_path / "azure.sqlite"
    child = start(PAIRS, path)
    seen = [int(child.stdout.readline()) for _ in range(after)]
    kill(child)
    store = Store(path)
    with store.read() as transaction:
        found = [item.id for item in transaction.of_type("t")]
        assert len(found) == 2 * transaction.now
        assert transaction.now >= len(seen)
        for item in found:
            assert transaction.owner(item.split("/")[2] + item[-1]) == item
    store.close()


def start(program, path):
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    )


def kill(child):
    child.kill()
    child.wait()
    child.stdout.close()


def test_processes_that_open_a_new_file_at_once_all_can(tmp_path):
    path = tmp_path / "azure.sqlite"
    children = [start(WAITING, path) for _ in range(4)]
    for child in children:
        child.stdout.close()
        assert child.wait() == 0
    store = Store(path)
    with store.read() as transaction:
        assert transaction.now == 0
    store.close()


def test_threads_put_at_once_and_nothing_is_lost(tmp_path):
    world = World(tmp_path / "azure.sqlite")
    world.path("ResourceGroup")

    def make(number):
        return world.make("Snapshot", {"snapshotName": f"s{number}"}).id

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(80)))
    assert len(set(made)) == 80
    with world.azure.store.read() as transaction:
        assert len(transaction.of_type("Microsoft.Compute/snapshots")) == 80
    world.azure.close()


def test_of_threads_that_create_one_id_one_succeeds(tmp_path):
    world = World(tmp_path / "azure.sqlite")
    world.path("ResourceGroup")
    inputs, barrier = world.checked("BatchAccount"), threading.Barrier(6)

    def create(_):
        barrier.wait()
        try:
            world.azure.create(TOKENS["BatchAccount"], inputs, SETTINGS, preview=False)
        except AzureError as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(create, range(6)))
    assert answers == ["ResourceAlreadyExists"] * 5 + ["made"]
    assert world.read("BatchAccount", ACCOUNT) is not None
    world.azure.close()


def test_two_versions_replicate_side_by_side(tmp_path):
    world = World(tmp_path / "azure.sqlite")
    world.path("ResourceGroup", "Snapshot", "Image", "Gallery", "GalleryImage")
    barrier = threading.Barrier(2)
    inputs = [
        world.checked("GalleryImageVersion", {"galleryImageVersionName": f"1.0.{number}"})
        for number in range(2)
    ]
    # both are put before either has waited
    real = world.azure._wait

    def wait(*arguments):
        barrier.wait()
        real(*arguments)

    world.azure._wait = wait

    def create(one):
        world.azure.create(TOKENS["GalleryImageVersion"], one, SETTINGS, preview=False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(create, inputs))
    with world.azure.store.read() as transaction:
        assert transaction.now == 40
    world.azure.close()


def test_a_file_of_a_later_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "azure.sqlite"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"has format {FORMAT + 1}.*--fresh"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "azure.sqlite"
    path.write_text("not a database, and long enough to look at" * 50)
    with pytest.raises(StoreError, match="cannot be used"):
        SimulatedAzure(path)
    assert path.read_text().startswith("not a database")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "azure.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "azure.sqlite"
    store = Store(path)
    with store.write() as transaction:
        for number in range(200):
            transaction.put(record(f"/x/{number}", state={"long": "x" * 500}))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\xff" * (4096 * 9)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be used"):
        Store(path)


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "file" / "azure.sqlite")
