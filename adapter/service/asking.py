""" "May I?": for oneself answered by Vault, for others from their grants and the policies that provisioning writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model import accounts
from adapter.model.access import EVERYWHERE
from adapter.model.address import Address, Scope, is_possible_path
from adapter.model.rights import CanI, Question, Right, Verdict
from adapter.model.roles import Role
from adapter.model.who import Kind, Who
from adapter.provision.plan import group_policies
from adapter.provision.steps import read
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.grants import OF_KIND
from adapter.service.managing import for_admins
from adapter.service.refusals import AS_ADMIN, lacks, refusal
from adapter.service.rights import ACTS, USES, Held, Need, Place, asked, would_allow
from adapter.vault import identity
from adapter.vault.identity import Entity
from adapter.vault.policies import Layout
from adapter.vault.session import ServerKind
from adapter.vault.tokens import capabilities

ASKING = "Asking what others may do"

BY_SHAPE = {Kind.PERSON: (Role.USER, Role.DEVELOPER, Role.ADMIN), Kind.COMPONENT: OF_KIND[Kind.COMPONENT]}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a question is about: "you", or somebody by name."""

    name: str
    kind: Kind

    @property
    def lacks(self) -> str:
        return lacks(self.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, checked."""

    question: Question
    need: Need
    place: Place


async def can_i(act: Act, body: CanI) -> list[Verdict]:
    """A verdict for each question, in their order. Raises Invalid, NotAllowed, NotFound."""
    questions = [_checked(number, question) for number, question in enumerate(body.acts)]
    if body.who is None:
        return await _for_oneself(act, questions)
    return await _for_another(act, Who.parse(body.who), questions)


def _checked(number: int, question: Question) -> Asked:
    field = f"acts.{number}"
    need = ACTS.get(question.act)
    if need is None:
        raise Invalid.field(f"{field}.act", "That is no act.", hint=f"There are: {', '.join(ACTS)}.")
    if not need.has_place:
        return Asked(question, need, Place(None))
    if (question.secret is None) is (question.scope is None):
        raise Invalid.field(f"{field}.secret", "An act is on a secret, or in a scope: name one of them.", hint="")
    if question.scope is not None:
        return Asked(question, need, Place.of_scope(Scope.parse(question.scope, f"{field}.scope")))
    return Asked(question, need, Place.of_secret(_address(f"{field}.secret", question.secret or "")))


def _address(field: str, text: str) -> Address:
    """An id, or an address with slashes."""
    if "/" in text and is_possible_path(text):
        return Address(text)
    try:
        return Address.from_id(text)
    except NotFound:
        raise Invalid.field(field, "That is no secret's id.", hint="environment~production~db_password") from None


def layout_for(act: Act) -> Layout:
    """Where the mounts are, as far as acts touch them."""
    return Layout(act.services.vault.mount, None, act.services.vault.approle_mount)


async def _for_oneself(act: Act, questions: Sequence[Asked]) -> list[Verdict]:
    layout = layout_for(act)
    paths = sorted({path for one in questions for path, _ in asked(one.need, one.place, layout)})
    granted = await _capabilities(act, paths) if paths else {}
    kind = Kind.COMPONENT if Role.USE in (await act.identity()).roles.values() else Kind.PERSON
    server = await act.services.vault.kind()

    def allowed(one: Asked) -> bool:
        return all(
            words <= granted[path] or "root" in granted[path] for path, words in asked(one.need, one.place, layout)
        )

    return [_verdict(one, allowed(one), Subject("you", kind), server, layout, []) for one in questions]


async def _capabilities(act: Act, paths: list[str]) -> dict[str, set[str]]:
    try:
        return await capabilities(act.session, paths)
    except NotAllowed:
        raise NotAllowed(
            "This token may not ask the vault what it may do.", hint="Use one with the policy default."
        ) from None


async def _for_another(act: Act, who: Who, questions: Sequence[Asked]) -> list[Verdict]:
    with for_admins(ASKING):
        await identity.group_names(act.session)  # who may not see grants is told so first, whomever they ask about
        entity = await holders.find(act, who)
        policies = await policies_of(act, entity)
        notes = await _notes(act, who, entity)
    server, layout = await act.services.vault.kind(), layout_for(act)

    def allowed(one: Asked) -> bool:
        held = Held.of(policies, server, layout, one.place.scope)
        return not entity.disabled and held.may(one.need, one.place, layout)

    return [_verdict(one, allowed(one), Subject(str(who), who.kind), server, layout, notes) for one in questions]


async def policies_of(act: Act, entity: Entity) -> list[str]:
    """The policies that an entity's grants stand for: its groups', or an account's as far as its authority goes."""
    groups = await identity.each(entity.group_ids or (), lambda group: identity.group_by_id(act.session, group))
    names = {name for group in groups.values() for name in group.policies or ()}
    if holders.who_is(entity).kind is Kind.ACCOUNT:
        held = accounts.granted(identity.metadata_of(entity))
        names |= {name for scope, role in held.items() for name in group_policies(role, scope)}
    return sorted(names)


async def _notes(act: Act, who: Who, entity: Entity) -> list[str]:
    """What grants and generated policies do not tell."""
    notes = ["The vault refuses them at present: they are disabled."] if entity.disabled else []
    if who.kind is Kind.ACCOUNT:
        notes.append("An account has the authority of its JWT: no more than that, whatever it was granted.")
    if entity.policies:
        notes.append("Policies are attached to the entity itself, besides the groups; they are not counted here.")
    for alias in entity.aliases or ():
        if alias.mount_type == "userpass":
            user = await read(act.session, alias.mount_path.rstrip("/"), "users", alias.name) or {}
            if set(user.get("token_policies") or ()) - {"default"}:
                notes.append("The user name's sign-in adds policies of its own; they are not counted here.")
        elif alias.mount_type in holders.FOR_PEOPLE:
            notes.append(f"The sign-in by {alias.mount_type} may add policies of its own; they are not counted here.")
    return notes


def _verdict(
    one: Asked, allowed: bool, subject: Subject, server: ServerKind, layout: Layout, notes: list[str]
) -> Verdict:
    verdict = Verdict(
        act=one.question.act,
        secret=one.question.secret,
        scope=one.question.scope,
        allowed=allowed,
        notes=notes or None,
    )
    if allowed:
        return verdict
    candidates = OF_KIND.get(subject.kind, BY_SHAPE[Kind.PERSON])
    grant = would_allow(one.need, one.place, candidates, server, layout)
    if grant is None:
        words = f"{one.need.words} is nothing that a {subject.kind} may do."
        return verdict.model_copy(update={"message": words, "ask_for": "An ADMIN can do it."})
    role, scope = grant
    place = str(one.place.scope) if one.place.scope else "places outside every scope"
    refused = refusal(one.need.words, place, role, subject.name) if one.need.has_place else None
    message = refused.detail if refused else f"{one.need.words} needs the role ADMIN, which {subject.lacks}."
    ask_for = refused.hint if refused else AS_ADMIN
    if one.question.act in USES and role is Role.ADMIN:
        message = f"{one.need.words} in {place} needs the right use there, or the role ADMIN, which {subject.lacks}."
        ask_for = "An ADMIN can give temporary access to one secret, or grant USE to a component."
    right = Right(role=str(role), scope=str(scope) if scope else EVERYWHERE)
    return verdict.model_copy(update={"missing": right, "message": message, "ask_for": ask_for})
