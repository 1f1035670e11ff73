"""Versions made from others of the same fleet come after them, in whatever spelling of the id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import version_order
from imagefleet.domain.fault import dotted
from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import (
    ImageVersionSource,
    ManagedImageSource,
    SnapshotSource,
)
from imagefleet.domain.plan import plan
from tests.domain import fleets
from tests.domain.fault_kit import OWN_GALLERY, base

GROUP = OWN_GALLERY.partition("/providers/")[0]
BETA = f"{OWN_GALLERY}/images/beta/versions/1.0.0"
OF_BETA = {
    "its version": ImageVersionSource(image_version=BETA),
    "its version, spelled otherwise": ImageVersionSource(image_version=f"{BETA.upper()}/"),
    "its managed image": ManagedImageSource(
        managed_image=f"{GROUP}/providers/Microsoft.Compute/images/beta-1.0.0"
    ),
    "its snapshot": SnapshotSource(
        os_disk=f"{GROUP}/providers/microsoft.compute/snapshots/beta-1-0-0-os"
    ),
}


def fleet(**sources):
    """A fleet of one image for each source, with one version made from it."""
    images = {
        key: fleets.image(
            identifier=base(f"contoso/render/{key}"),
            versions={"1.0.0": fleets.version(source=source)},
        )
        for key, source in sources.items()
    }
    return fleets.fleet(images=images, pools={})


def copy_of(key):
    return ImageVersionSource(image_version=f"{OWN_GALLERY}/images/{key}/versions/1.0.0")


@pytest.mark.parametrize("source", OF_BETA.values(), ids=OF_BETA)
def test_what_is_made_from_a_later_key_comes_after_it(source):
    made = fleet(alpha=source, beta=fleets.snapshots())
    assert version_order.in_order(made) == (("beta", "1.0.0"), ("alpha", "1.0.0"))
    assert [version.key for version in plan(made).image_versions] == ["beta-1.0.0", "alpha-1.0.0"]
    assert find_faults(made) == ()


def test_without_such_sources_keys_and_numbers_decide():
    versions = {number: fleets.version() for number in ("1.10.0", "1.9.0")}
    made = fleets.fleet(
        images={
            "b": fleets.image(versions=versions, identifier=base("a/b/c")),
            "a": fleets.image(),
        }
    )
    assert version_order.in_order(made) == (("a", "1.0.0"), ("b", "1.9.0"), ("b", "1.10.0"))


@pytest.mark.parametrize(
    ("made", "path", "fragment"),
    [
        (
            fleet(alpha=copy_of("alpha")),
            'images.alpha.versions["1.0.0"].source',
            'makes images.alpha.versions["1.0.0"] from itself;',
        ),
        (
            fleet(gamma=copy_of("beta"), beta=copy_of("gamma")),
            'images.beta.versions["1.0.0"].source',
            'by way of images.gamma.versions["1.0.0"]; name a source outside',
        ),
    ],
)
def test_a_circle_is_a_fault(made, path, fragment):
    (fault,) = find_faults(made)
    assert dotted(fault.path) == path
    assert fragment in fault.message
    with pytest.raises(ValueError, match="made from each other"):
        plan(made)


def test_each_circle_is_reported():
    made = fleet(a=copy_of("b"), b=copy_of("a"), c=copy_of("d"), d=copy_of("c"), e=copy_of("a"))
    places = list(version_order.cycles(made))
    assert sorted(tuple(sorted(key for key, _ in cycle)) for cycle in places) == [
        ("a", "b"),
        ("c", "d"),
    ]


def test_what_is_made_here_is_not_named_as_existing():
    """Its replicas would not be those that the pools of the second key need."""
    images = {
        "beta": fleets.image(identifier=base("contoso/render/beta")),
        "ubuntu": fleets.image(versions={"1.0.0": fleets.version(source=None, id=BETA)}),
    }
    (fault,) = find_faults(fleets.fleet(images=images))
    assert dotted(fault.path) == 'images.ubuntu.versions["1.0.0"].id'
    assert 'is made by this fleet as images.beta.versions["1.0.0"]' in fault.message


@given(st.permutations(range(8)), st.data())
def test_every_version_comes_after_its_sources(ranks, data):
    """`ranks` orders random keys, so that sources sort before and after what is made of them."""
    sources = {
        f"i{rank}": copy_of(f"i{data.draw(st.sampled_from(ranks[:place]))}")
        if place and data.draw(st.booleans())
        else fleets.snapshots()
        for place, rank in enumerate(ranks)
    }
    order = [key for key, _ in version_order.in_order(fleet(**sources))]
    assert sorted(order) == sorted(sources)
    for key, source in sources.items():
        if isinstance(source, ImageVersionSource):
            origin = source.image_version.split("/")[-3]
            assert order.index(origin) < order.index(key)
