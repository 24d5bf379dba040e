"""The audit view: who may see which events, the events, and what is asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import platformdirs

from adapter.audit.criteria import Criteria, criteria_of
from adapter.audit.files import absolute
from adapter.audit.follow import Place
from adapter.audit.paths import Layout
from adapter.audit.storage import Dim
from adapter.audit.view import AuditView
from adapter.errors import NotAllowed, NotFound
from adapter.model.address import Address
from adapter.model.audit import EventAct, EventFilter, EventPage
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.listing import find
from adapter.settings import APP, Settings, sign_in_mounts
from adapter.vault.tokens import capabilities

ALL_EVENTS = "sys/audit"
"""Who may read the vault's audit devices there may see every event."""

NOT_OF_A_SECRET = frozenset(
    {
        EventAct.GRANTED, EventAct.REVOKED, EventAct.SCOPE_ADDED, EventAct.SCOPE_RETIRED, EventAct.COMPONENT_ADDED,
        EventAct.COMPONENT_ROTATED, EventAct.COMPONENT_REMOVED, EventAct.POLICY_CHANGED, EventAct.SIGNED_IN,
        EventAct.SIGNED_OUT, EventAct.OTHER,
    }
)  # fmt: skip
"""What only an ADMIN sees, even where it is about a scope of the caller's."""

OF_A_SECRET = tuple(act.value for act in EventAct if act not in NOT_OF_A_SECRET)


def place_of(settings: Settings) -> Place | None:
    """The log and index that the settings name; None when they name no log."""
    if not settings.audit_log:
        return None
    namespace = (settings.vault_namespace or "").strip("/")
    layout = Layout(settings.mount, settings.approle_mount, namespace, sign_in_mounts(settings))
    logs = logs_of(settings)
    return Place(
        logs,
        absolute(settings.audit_index or own_place(logs, "audit", ".db")),
        layout,
        settings.audit_keep_days,
        settings.audit_keep_mb * 1_000_000,
    )


def logs_of(settings: Settings) -> tuple[Path, ...]:
    return tuple(map(absolute, settings.audit_log))


def own_place(logs: tuple[Path, ...], name: str, ending: str = "") -> Path:
    """In the user's state folder, another one for each log: the vaults of one machine must not be mixed."""
    digest = blake2b("\n".join(map(str, logs)).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return platformdirs.user_state_path(APP) / f"{name}-{digest}{ending}"


@asynccontextmanager
async def following(settings: Settings) -> AsyncIterator[AuditView | None]:
    """The audit view, kept up to date while this lasts; None without a log."""
    place = place_of(settings)
    if place is None:
        yield None
        return
    view = AuditView(place)
    view.start()
    try:
        yield view
    finally:
        await asyncio.to_thread(view.stop)


def audit_view(act: Act) -> AuditView:
    """Raises NotFound where this adapter knows no audit log."""
    if act.services.audit is None:
        raise NotFound(
            "There is no audit view here: this adapter was not told where the vault's audit log is.",
            hint="Name one that was, with STATUS_ADAPTER_URL and STATUS_ADAPTER_CACERT; or whoever runs this one sets "
            "STATUS_AUDIT_LOG.",
        )
    return act.services.audit


async def sees_all(act: Act) -> bool:
    """Whether the vault lets the caller look at its audit devices, as ADMIN's policy does."""
    try:
        found = await capabilities(act.session, [ALL_EVENTS])
    except NotAllowed:  # a token without the default policy may not even ask
        return False
    return bool({"read", "root"} & found[ALL_EVENTS])


async def only_admin(act: Act, words: str) -> None:
    """Raises NotAllowed for whoever may not see all events."""
    if not await sees_all(act):
        raise NotAllowed(
            f"{words} needs the role ADMIN, which you do not hold.", hint="An ADMIN can do it, or grant you the role."
        )


async def visible_scopes(act: Act) -> frozenset[str] | None:
    """The scopes whose secrets' events the caller may see, by the policies of their token; None: every event.

    Raises NotAllowed for a caller who may see none: a component, or somebody without a role.
    """
    identity = await act.identity()
    if await sees_all(act):
        return None
    scopes = frozenset(scope for scope, role in identity.roles.items() if role is not Role.USE)
    if not scopes:
        raise NotAllowed(
            "Seeing audit events needs the role USER in a scope, which you do not hold.", hint="An ADMIN can grant it."
        )
    return scopes


async def permitted(act: Act, wanted: EventFilter) -> Criteria:
    """What is asked for, narrowed to what the caller may see. Raises Invalid, NotAllowed."""
    scopes = await visible_scopes(act)
    criteria = criteria_of(wanted, act.now, scopes)
    if scopes is None:
        return criteria
    asked = criteria.words.get(Dim.ACT, OF_A_SECRET)
    acts = tuple(word for word in asked if word in OF_A_SECRET)
    return replace(criteria, words={**criteria.words, Dim.ACT: acts})


async def list_events(act: Act, wanted: EventFilter) -> EventPage:
    """Events, newest first. Raises Invalid, NotAllowed, NotFound (no view), Unreachable (no index yet)."""
    view = audit_view(act)
    criteria = await permitted(act, wanted)
    return await asyncio.to_thread(view.page, criteria)


async def secret_events(act: Act, address: Address, wanted: EventFilter) -> EventPage:
    """The events of one secret, also of one that is gone. Raises as `list_events`; NotFound as for any secret."""
    view = audit_view(act)
    criteria = await permitted(act, wanted)
    criteria = replace(criteria, words={**criteria.words, Dim.SECRET: (address.path,)})
    page = await asyncio.to_thread(view.page, criteria)
    if not page.total:
        await find(act, address)
    return page


async def every_page(act: Act, wanted: EventFilter) -> AsyncIterator[EventPage]:
    """All events that fit, page by page. Raises as `list_events`, before the first page."""
    view = audit_view(act)
    criteria = await permitted(act, wanted.model_copy(update={"limit": 1000}))
    while True:
        page = await asyncio.to_thread(view.page, criteria)
        yield page
        if page.next is None:
            return
        last = wanted.model_copy(update={"cursor": page.next})
        criteria = replace(criteria, before=criteria_of(last, act.now).before)
