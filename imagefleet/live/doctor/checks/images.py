"""Galleries, image definitions and versions that are there already, or must be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from imagefleet.domain import arm_ids, regions, security
from imagefleet.domain.fleet_plan import ImageVersionPlan
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.model import Check, Found, bad, each, good, unsure
from imagefleet.live.doctor.reads import Body
from imagefleet.live.doctor.view import Definition, View, properties, stated_security_type

_DONE = "succeeded"
_UNDER_WAY = frozenset({"creating", "updating", "migrating"})
_GENERALIZED = "generalized"


def _gallery_there(view: View) -> Iterable[Found]:
    plan = view.plan.gallery

    def judge(gallery: str) -> Iterator[Found]:
        subject = f"gallery {arm_ids.parse(gallery).name}"
        there = view.gallery_seen(gallery)
        own = arm_ids.same(gallery, plan.id) and not plan.existing
        if there is None and own:
            yield good(subject, "is not there yet; `up` makes it")
        elif there is None:
            yield bad(subject, f"is not there: {gallery}")
        else:
            yield _provisioned(subject, there)

    return each(view.galleries(), str, judge)


def _definition_there(view: View) -> Iterable[Found]:
    def judge(definition: Definition) -> Iterator[Found]:
        subject = f"definition {definition.name}"
        there = view.definition_seen(definition.id)
        if there is None and not definition.existing:
            yield good(subject, "is not there yet; `up` makes it")
        elif there is None:
            yield bad(subject, f"is not there: {definition.id}")
        else:
            yield _provisioned(subject, there)

    return each(view.definitions(), _definition_name, judge)


def _seen_definitions(view: View, judge: Any) -> Iterator[Found]:
    """Judge every definition that is there."""

    def one(definition: Definition) -> Iterator[Found]:
        there = view.definition_seen(definition.id)
        if there is not None:
            yield from judge(definition, properties(there))

    return each(view.definitions(), _definition_name, one)


def _generalized(view: View) -> Iterable[Found]:
    def judge(definition: Definition, said: Body) -> Iterator[Found]:
        state = str(said.get("osState", ""))
        if state.lower() == _GENERALIZED:
            yield good(_definition_name(definition), "is for generalized images")
        elif state:
            yield bad(_definition_name(definition), f"is for {state} images; Batch takes none")
        else:
            yield unsure(_definition_name(definition), "does not show its OS state")

    return _seen_definitions(view, judge)


def _security_type(view: View) -> Iterable[Found]:
    def judge(definition: Definition, said: Body) -> Iterator[Found]:
        subject = _definition_name(definition)
        stated = stated_security_type({"properties": said})
        if not stated:
            yield good(subject, "states no security type: standard")
            return
        kind = security.security_type(stated)
        if kind is None:
            yield unsure(subject, f"states a security type that is not known here: {stated}")
        elif kind in security.LOCKED_TYPES:
            yield bad(subject, f"is {kind.value}: nodes of a pool would be unusable")
        elif kind in security.SUPPORTED_TYPES:
            yield good(subject, f"is {kind.value}: its machines may be standard (D19, read mildly)")
        else:
            yield good(subject, "is Standard")

    return _seen_definitions(view, judge)


def _as_planned(view: View) -> Iterable[Found]:
    def judge(definition: Definition, said: Body) -> Iterator[Found]:
        image, identifier = definition.image, said.get("identifier") or {}
        pairs = {
            "osType": (said.get("osType"), image.os_type.value),
            "hyperVGeneration": (said.get("hyperVGeneration") or "V1", image.generation.value),
            "architecture": (said.get("architecture") or "x64", image.architecture.value),
            "publisher": (identifier.get("publisher"), image.identifier.publisher),
            "offer": (identifier.get("offer"), image.identifier.offer),
            "sku": (identifier.get("sku"), image.identifier.sku),
        }
        wrong = [
            f"{name} is {seen}, the stack says {planned}"
            for name, (seen, planned) in pairs.items()
            if str(seen).lower() != planned.lower()
        ]
        unknown = [name for name, (seen, _) in pairs.items() if seen is None]
        subject = _definition_name(definition)
        if unknown:
            yield unsure(subject, f"does not show {', '.join(unknown)}")
        elif wrong:
            yield bad(subject, "; ".join(wrong))
        else:
            yield good(subject, "has OS, generation, architecture and identifier of the stack file")

    return _seen_definitions(view, judge)


def _no_plan(view: View) -> Iterable[Found]:
    def judge(definition: Definition, said: Body) -> Iterator[Found]:
        plan = said.get("purchasePlan") or {}
        subject = _definition_name(definition)
        if any(plan.values()):
            words = ", ".join(f"{name} {value}" for name, value in sorted(plan.items()))
            yield bad(subject, f"has a purchase plan ({words}): its base is a third party's")
        else:
            yield good(subject, "has no purchase plan")

    return _seen_definitions(view, judge)


def _version_there(view: View) -> Iterable[Found]:
    def judge(version: ImageVersionPlan) -> Iterator[Found]:
        subject = _version_name(version)
        there = view.version_listed(version.id)
        if there is None and not version.existing:
            yield good(subject, "is not there yet; `up` makes it")
        elif there is None:
            yield bad(subject, f"is not there: {version.id}")
        else:
            yield _provisioned(subject, there)

    return each(view.plan.image_versions, _version_name, judge)


def _replicated(view: View) -> Iterable[Found]:
    def judge(version: ImageVersionPlan, there: Body) -> Iterator[Found]:
        said = properties(there)
        seen = {
            regions.normalise(str(each.get("region", ""))): each
            for each in (said.get("replicationStatus") or {}).get("summary") or ()
        }
        for target in version.regions:
            if not target.pools:
                continue
            status = seen.get(regions.normalise(target.name))
            yield _replication(version, target.name, status, known=bool(seen))

    return _seen_versions(view, judge)


def _replication(version: ImageVersionPlan, region: str, status: Any, *, known: bool) -> Found:
    subject = f"{_version_name(version)} in {region}"
    if not known:
        return unsure(subject, "the service shows no replication of it")
    if status is None and not version.existing:
        return good(subject, "has no replica there yet; `up` adds the region")
    if status is None:
        return bad(subject, "has no replica there: no pool can start from it")
    state = str(status.get("state", "")).lower()
    if state == "completed":
        return good(subject, "is replicated")
    if state == "replicating":
        return bad(subject, f"is at {status.get('progress', 0)} %: wait before making pools")
    if state == "failed":
        return bad(subject, f"failed to replicate: {status.get('details') or 'no reason given'}")
    return unsure(subject, f"the service says {state or 'nothing'} of its replication")


def _replicas(view: View) -> Iterable[Found]:
    def judge(version: ImageVersionPlan, there: Body) -> Iterator[Found]:
        profile = properties(there).get("publishingProfile") or {}
        seen = {
            regions.normalise(str(each.get("name", ""))): each.get("regionalReplicaCount")
            or profile.get("replicaCount")
            for each in profile.get("targetRegions") or ()
        }
        for target in version.regions:
            if not target.pools:
                continue
            subject = f"{_version_name(version)} in {target.name}"
            count = seen.get(regions.normalise(target.name))
            if not isinstance(count, int):
                yield unsure(subject, "the service shows no number of replicas there")
            elif count >= target.minimum:
                yield good(subject, f"has {count} replicas, {target.minimum} are needed")
            elif version.existing:
                yield bad(
                    subject,
                    f"has {count} replicas, its largest pool needs {target.minimum}",
                )
            else:
                yield good(subject, f"has {count} replicas; `up` makes it {target.replicas.value}")

    return _seen_versions(view, judge)


def _seen_versions(view: View, judge: Any) -> Iterator[Found]:
    """Judge every version that is there, with its replication."""
    view.warm_versions()

    def one(version: ImageVersionPlan) -> Iterator[Found]:
        if view.version_listed(version.id) is not None:
            yield from judge(version, view.reader.get(reads.version(version.id)))

    return each(view.plan.image_versions, _version_name, one)


def _provisioned(subject: str, there: Body) -> Found:
    state = str(properties(there).get("provisioningState", ""))
    if state.lower() == _DONE:
        return good(subject, "is there")
    if state.lower() in _UNDER_WAY or not state:
        return unsure(subject, f"is {state or 'in no state that is shown'}; look again later")
    return bad(subject, f"is {state}")


def _definition_name(definition: Definition) -> str:
    return f"definition {definition.name}"


def _version_name(version: ImageVersionPlan) -> str:
    return f"version {version.key}"


_LISTS = "1 list a resource group of galleries, 1 a gallery"
CHECKS: Final = (
    Check(
        id="gallery-there",
        title="The galleries are there, or `up` makes them",
        run=_gallery_there,
        remedy="Correct `gallery.id` or the version's id, or let the stack make the gallery.",
        calls="1 list a resource group of galleries",
        sentences=("D24", "D63"),
    ),
    Check(
        id="definition-there",
        title="The image definitions are there, or `up` makes them",
        run=_definition_there,
        remedy="Correct name or id, or take `existing` away so that `up` makes it.",
        calls=_LISTS,
        sentences=("D24",),
    ),
    Check(
        id="definition-generalized",
        title="Definitions that are there hold generalized images",
        run=_generalized,
        remedy="Make another definition: its OS state never changes.",
        calls=f"{_LISTS}, shared",
        sentences=("D37", "D38"),
    ),
    Check(
        id="definition-security-type",
        title="Definitions that are there have the standard security type",
        run=_security_type,
        remedy="Make another definition with `SecurityType` Standard, and versions in it.",
        calls=f"{_LISTS}, shared",
        sentences=("D19", "D20"),
    ),
    Check(
        id="definition-as-planned",
        title="Definitions that are there are what the stack file says",
        run=_as_planned,
        remedy="Correct the stack file, or name another definition: these never change.",
        calls=f"{_LISTS}, shared",
        source="Azure documentation, Compute Gallery",
    ),
    Check(
        id="definition-no-plan",
        title="Definitions that are there have no purchase plan",
        run=_no_plan,
        remedy="Start from a first-party Marketplace image.",
        calls=f"{_LISTS}, shared",
        sentences=("D41", "D43"),
    ),
    Check(
        id="version-there",
        title="The image versions are there, or `up` makes them",
        run=_version_there,
        remedy="Correct the id, wait for the version, or delete a failed one and run `up`.",
        calls=f"{_LISTS}, 1 a definition",
        sentences=("D24",),
    ),
    Check(
        id="version-replicated",
        title="Versions that are there are replicated to the regions of their pools",
        run=_replicated,
        remedy="Add the region to the version's targets and wait until it is done.",
        calls="1 get a version that is there",
        sentences=("D29",),
    ),
    Check(
        id="version-replicas",
        title="Versions that are there have replicas enough for their largest pool",
        run=_replicas,
        remedy="Raise the number of replicas in that region.",
        calls="1 get a version that is there, shared",
        sentences=("D91", "D92"),
    ),
)
