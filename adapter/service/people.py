"""People who sign in with a user name: adding them, a new password, removing them."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress

from pydantic import SecretStr

from adapter.errors import Exists, Invalid, NotAllowed, NotFound
from adapter.model.access import PersonAdd, PersonSaved, PersonView
from adapter.model.who import Kind, Who
from adapter.provision.people import SIGN_IN_LASTS
from adapter.provision.plan import managed_userpass
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.grants import check_not_last_admin
from adapter.service.managing import changing, for_admins
from adapter.service.switching import check_not_oneself
from adapter.service.temporary_ends import end_all_of
from adapter.vault import accessors, identity
from adapter.vault.identity import Entity

MANAGING = "Managing people"
USER_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.@-]{0,98}[a-z0-9_])?")
SHORTEST = 12
LONGEST = 72
"""bcrypt, with which the vault keeps passwords, takes no more bytes."""

GENERATED = re.compile(r"entity_[0-9a-f]{8}(\..*)?")
"""How the servers name an entity that nobody named."""


async def list_people(act: Act) -> list[PersonView]:
    """Everybody with a user name, and everybody else who has an entity. Raises NotAllowed."""
    with for_admins(MANAGING):
        names = await identity.entity_names(act.session)
        entities = await identity.each(names, lambda name: identity.entity_by_name(act.session, name))
        mount = await managed_userpass(act.session)
        users = await identity.names(act.session, f"auth/{mount}/users") if mount else []
    people = [one for one in entities.values() if holders.who_is(one).kind is Kind.PERSON and not _is_of_a_program(one)]
    found = [_view(entity) for entity in people]
    known = {alias.name for entity in people for alias in entity.aliases or ()}
    found += [
        PersonView(name=user, who=f"person:{user}", sign_in=[mount or ""], disabled=False)
        for user in users
        if user not in known
    ]
    return sorted(found, key=lambda person: person.name)


def _is_of_a_program(entity: Entity) -> bool:
    """Whether the vault made it by itself for a sign-in that no person has, an AppRole's most often."""
    signs_in = any(alias.mount_type in holders.FOR_PEOPLE for alias in entity.aliases or ())
    return not signs_in and GENERATED.fullmatch(entity.name) is not None


def _view(entity: Entity) -> PersonView:
    who = holders.who_is(entity)
    places = [alias.mount_path.removeprefix("auth/").rstrip("/") for alias in entity.aliases or ()]
    return PersonView(name=who.name, who=str(who), sign_in=places, disabled=entity.disabled)


async def add_person(act: Act, body: PersonAdd) -> PersonSaved:
    """An account with a password and no role yet. Raises Exists, Invalid, NotAllowed."""
    who = _who(body.name)
    password, made = _password(body.password)
    async with changing(act, MANAGING):
        mount = await _mount(act)
        if await holders.is_user(act, mount, who.name):
            raise Exists("There is somebody of that name already.", hint="Give them a new password, or grant roles.")
        accessor = (await identity.auth_mounts(act.session))[mount].accessor
        entity = await identity.entity_of_alias(act.session, who.name, accessor)
        _check_nothing_left(who, entity or await identity.entity_by_name(act.session, who.entity_name))
        await _set_password(act, mount, who.name, password)
        if entity is None:
            await identity.make_entity(act.session, who.entity_name, who.name, accessor)
    return PersonSaved(name=who.name, who=str(who), sign_in=[mount], disabled=False, password=made)


async def _without_sign_in(act: Act, who: Who) -> Entity | None:
    """What is left of somebody who cannot sign in any more, by no method."""
    entity = await identity.entity_by_name(act.session, who.entity_name)
    return None if entity is not None and entity.aliases else entity


def _check_nothing_left(who: Who, entity: Entity | None) -> None:
    """Raises Exists where a new person would come into the roles of an earlier one, whose user name alone is gone."""
    if entity is not None and (entity.disabled or entity.group_ids):
        raise Exists(
            "Somebody had that name, and their roles are still there.",
            hint=f"Take them away first: status-secrets people remove {who.name}",
        )


async def new_password(act: Act, name: str, password: SecretStr | None) -> PersonSaved:
    """Replace a password, and end a lockout after wrong ones; tokens in use stay.

    Raises Invalid, NotAllowed, NotFound.
    """
    who = _who(name)
    password, made = _password(password)
    async with changing(act, MANAGING):
        mount = await _mount(act)
        if not await holders.is_user(act, mount, who.name):
            raise holders.nobody(who)
        body = {"password": password.get_secret_value()}
        await act.session.send("POST", "auth", mount, "users", who.name, "password", body=body)
        accessor = (await identity.auth_mounts(act.session))[mount].accessor
        with suppress(Invalid, NotAllowed, NotFound):  # it ends by itself after 15 minutes
            await act.session.send("POST", "sys/locked-users", accessor, "unlock", who.name, body={})
    return PersonSaved(name=who.name, who=str(who), sign_in=[mount], disabled=False, password=made)


async def remove_person(act: Act, name: str) -> None:
    """Take away their tokens, temporary access, grants, entity and user name.

    Raises Conflict for the last ADMIN, NotFound.
    """
    who = _who(name)
    async with changing(act, MANAGING):
        mount = await _mount(act)
        try:
            entity: Entity | None = await holders.find(act, Who(Kind.PERSON, who.name, mount))
        except NotFound:
            entity = await _without_sign_in(act, who)
        if entity is None and not await holders.is_user(act, mount, who.name):
            raise holders.nobody(who)
        if entity is not None:
            await check_not_oneself(act, entity)
            await check_not_last_admin(act, entity)
            await identity.set_entity(act.session, entity.name, disabled=True)
        await end_all_of(act, who, entity)
        await act.session.send("DELETE", "auth", mount, "users", who.name)
    if entity is not None:
        await accessors.revoke_all(act.session, entity.id)
        await identity.delete_entity(act.session, entity.name)


def _who(name: str) -> Who:
    """What the vault takes for a user name. Raises Invalid."""
    name = name.lower()
    if not USER_NAME.fullmatch(name):
        hint = "Up to 100 lower-case letters, digits, '_', '.', '-' and '@'; it starts and ends with a letter or digit."
        raise Invalid.field("name", "That is not a user name.", hint=hint)
    return Who(Kind.PERSON, name)


async def _mount(act: Act) -> str:
    """Where STATUS's user names are. Raises Invalid when ADMIN manages none on this server."""
    mount = await managed_userpass(act.session)
    if mount is None:
        raise Invalid(
            "ADMIN manages no user names on this server: people sign in otherwise.",
            hint="Grant a role to person:MOUNT/NAME, or provision with --userpass.",
        )
    return mount


def _password(given: SecretStr | None) -> tuple[SecretStr, SecretStr | None]:
    """The password to set, and the one to show: only what was made here is shown."""
    if given is None:
        made = SecretStr(secrets.token_urlsafe(18))
        return made, made
    size = len(given.get_secret_value().encode())
    if not SHORTEST <= size <= LONGEST:
        raise Invalid.field(
            "password", f"A password has {SHORTEST} to {LONGEST} bytes.", hint="Leave it out to have one made."
        )
    return given, None


async def _set_password(act: Act, mount: str, name: str, password: SecretStr) -> None:
    body = {"password": password.get_secret_value(), **SIGN_IN_LASTS}
    await act.session.send("POST", "auth", mount, "users", name, body=body)
