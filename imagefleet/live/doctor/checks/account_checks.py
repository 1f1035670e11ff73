"""Batch accounts: there, of the right kind, Entra only; names that are still free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from imagefleet.domain import arm_ids, regions
from imagefleet.domain.fleet_plan import AccountPlan, PoolPlan
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.model import ByHand, Check, Found, bad, command, each, good, unsure
from imagefleet.live.doctor.view import View, properties

# Where Azure CLI, Microsoft's samples and common tools look for an account's key.
_KEY_NAMES = (
    "AZURE_BATCH_ACCESS_KEY", "AZURE_BATCH_ACCOUNT_KEY", "AZURE_BATCH_KEY", "BATCH_ACCOUNT_KEY",
    "BATCH_ACCESS_KEY", "AZ_BATCH_ACCOUNT_KEY", "AZ_BATCH_KEY",
)  # fmt: skip
# 64 bytes in base64, as Azure hands keys out.
_KEY = re.compile(r"[A-Za-z0-9+/]{86}==")
_DONE, _UNDER_WAY = "succeeded", frozenset({"creating", "deleting", ""})
_ENTRA_ONLY = ("AAD",)


def _no_keys(view: View) -> Iterator[Found]:
    present = [name for name in _KEY_NAMES if view.environment.get(name)]
    if not present:
        yield good("environment", "holds no key of a Batch account")
    for name in present:
        if _KEY.fullmatch(view.environment[name].strip()):
            mend = ByHand(
                command=command("unset", name),
                why="a script cannot change the shell it is run from",
            )
            words = "is set to an account key: tools will use it and be refused"
            yield bad(name, words, by_hand=[mend])
        else:
            yield unsure(name, "is set, to something that has not the form of an account key")


def _there(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan) -> Iterator[Found]:
        there = view.account_seen(account)
        if there is None and not account.existing:
            yield good(account.name, "is not there yet; `up` makes it")
            return
        if there is None:
            yield bad(account.name, f"is not there: {account.id}")
            return
        state = str(properties(there).get("provisioningState", ""))
        region = str(there.get("location", ""))
        if not regions.same(region, account.location):
            yield bad(account.name, f"lies in {region}, the stack says {account.location}")
        elif state.lower() == _DONE:
            yield good(account.name, f"is there, in {account.location}")
        elif state.lower() in _UNDER_WAY:
            yield unsure(account.name, f"is {state or 'in no state that is shown'}; look again")
        else:
            yield bad(account.name, f"is {state}")

    return each(view.plan.accounts, _name, judge)


def _entra_only(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan) -> Iterator[Found]:
        there = view.account_seen(account)
        if there is None:
            return
        modes = properties(there).get("allowedAuthenticationModes")
        if modes is None:
            yield unsure(account.name, "does not show which sign-ins it takes")
            return
        more = [str(mode) for mode in modes if str(mode).upper() not in _ENTRA_ONLY]
        if not more:
            yield good(account.name, "takes Microsoft Entra ID only")
        else:
            words = f"also takes {', '.join(more)}"
            yield bad(account.name, words, by_hand=[_entra_alone(account.id)])

    return each(view.plan.accounts, _name, judge)


def _entra_alone(account_id: str) -> ByHand:
    return ByHand(
        command=command(
            "az",
            "resource",
            "update",
            "--ids",
            account_id,
            "--set",
            'properties.allowedAuthenticationModes=["AAD"]',
        ),
        why="whoever signs in to the account with a key is refused from then on",
    )


def _mode(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan) -> Iterator[Found]:
        there = view.account_seen(account)
        if there is None:
            return
        seen = properties(there).get("poolAllocationMode")
        planned = account.settings.allocation_mode.value
        if seen is None:
            yield unsure(account.name, "does not show its allocation mode")
        elif str(seen).lower() == planned.lower():
            yield good(account.name, f"allocates nodes by {planned}")
        else:
            yield bad(account.name, f"allocates nodes by {seen}, the stack says {planned}")

    return each(view.plan.accounts, _name, judge)


def _account_names(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan) -> Iterator[Found]:
        if account.existing or view.account_seen(account) is not None:
            return
        sub = arm_ids.parse(account.id).subscription_id or ""
        answer = view.reader.get(reads.name_free(sub, account.location, account.name))
        if answer.get("nameAvailable"):
            yield good(account.name, f"is free in {account.location}")
        elif answer.get("nameAvailable") is None:
            yield unsure(account.name, "the service does not say whether the name is free")
        else:
            yield bad(account.name, str(answer.get("message") or "the name is not available"))

    return each(view.plan.accounts, _name, judge)


def _gallery_name(view: View) -> Iterator[Found]:
    plan = view.plan.gallery
    if plan.existing:
        return
    listed = view.reader.get(reads.galleries(plan.subscription_id))
    same = [
        str(each["id"])
        for each in listed
        if str(each.get("name", "")).lower() == plan.name.lower()
        and not arm_ids.same(str(each["id"]), plan.id)
    ]
    if same:
        yield bad(plan.name, f"is the name of another gallery of the subscription: {same[0]}")
    else:
        yield good(plan.name, "is no other gallery's name in the subscription")


def _pool_names(view: View) -> Iterable[Found]:
    def judge(account: AccountPlan) -> Iterator[Found]:
        listed = {str(each["name"]).lower(): each for each in view.pools_seen(account)}
        for pool in view.pools_of(account):
            there = listed.get(pool.pool_id.value.lower())
            yield _pool_name(pool, None if there is None else _image_of(properties(there)))

    return each(view.plan.accounts, _name, judge)


def _pool_name(pool: PoolPlan, image: str | None) -> Found:
    name = pool.pool_id.value
    if image is None:
        return good(name, "is not there yet; `up` makes it")
    if not image:
        return unsure(name, "is there, and does not show its image")
    if arm_ids.same(image, pool.image_version_id):
        return good(name, "is there, with the image of the stack file")
    if pool.replaced_on_image_change:
        return good(name, "is there with another image; `up` deletes it and makes it again")
    return bad(name, f"is there, with another image: {image}")


def _image_of(said: object) -> str:
    """The gallery image of a pool, "" where it shows none."""
    for key in ("deploymentConfiguration", "virtualMachineConfiguration", "imageReference"):
        said = (said.get(key) if hasattr(said, "get") else None) or {}
    found = said.get("id") if hasattr(said, "get") else None
    return str(found or "")


def _name(account: AccountPlan) -> str:
    return account.name


_LIST = "1 list a resource group of accounts"
CHECKS: Final = (
    Check(
        id="no-account-keys",
        title="The environment holds no key of a Batch account",
        run=_no_keys,
        remedy="Unset it: with an image of Compute a shared key is refused.",
        calls="none",
        sentences=("D21", "D22"),
    ),
    Check(
        id="account-there",
        title="The Batch accounts are there, or `up` makes them",
        run=_there,
        remedy="Correct the account's id or region in the stack file.",
        calls=_LIST,
        sentences=("D23",),
    ),
    Check(
        id="account-entra-only",
        title="Batch accounts that are there take Microsoft Entra ID only",
        run=_entra_only,
        remedy="Allow AAD alone; the stack's own accounts get it by `pulumi up --refresh`.",
        calls=f"{_LIST}, shared",
        sentences=("D21", "D22"),
    ),
    Check(
        id="account-mode",
        title="Batch accounts that are there allocate nodes as the stack file says",
        run=_mode,
        remedy="Correct `allocationMode`: an account keeps the one it was made with.",
        calls=f"{_LIST}, shared",
        source="Azure documentation, Batch accounts",
    ),
    Check(
        id="account-name-free",
        title="The names of new Batch accounts are free in their region",
        run=_account_names,
        remedy="Choose another name.",
        calls="1 post an account that is not there (asks, changes nothing)",
        source="Azure documentation, naming rules",
    ),
    Check(
        id="gallery-name-free",
        title="No other gallery of the subscription has the new gallery's name",
        run=_gallery_name,
        remedy="Choose another name, or use that gallery by its id.",
        calls="1 list of galleries",
        source="Azure documentation, Compute Gallery",
    ),
    Check(
        id="pool-name-free",
        title="No pool has a name of the stack with another image",
        run=_pool_names,
        remedy="Delete that pool or give the stack's pool another key.",
        calls="1 list an account that is there",
        source="Azure documentation, updating pools",
    ),
)
