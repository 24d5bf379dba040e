"""Who stands behind `person:NAME`, `account:USER_ID` and `component:NAME`: entities of the vault."""

from __future__ import annotations

from adapter.errors import Invalid, NotFound
from adapter.model import accounts
from adapter.model.who import Kind, Who
from adapter.service.app import Act
from adapter.vault import identity
from adapter.vault.identity import AuthMount, Entity

FOR_PEOPLE = ("userpass", "ldap", "oidc", "jwt", "kerberos", "radius", "github", "okta", "saml", "cert")
"""The types of auth methods by which people sign in, in the order in which a name is looked for."""

TOKEN_MOUNT = "token"  # noqa: S105  a place, no secret


async def find(act: Act, who: Who) -> Entity:
    """Raises NotFound for somebody whom the vault does not know, Invalid for a name that two people have."""
    if who.kind is Kind.PERSON:
        found = await _people_named(act, who)
        if len({entity.id for _, entity in found}) > 1:
            places = ", ".join(f"person:{mount}/{who.name}" for mount, _ in found)
            raise Invalid.field("who", "Two people sign in under that name.", hint=f"Say which: {places}")
        entity = found[0][1] if found else await identity.entity_by_name(act.session, who.entity_name)
    else:
        entity = await identity.entity_by_name(act.session, who.entity_name)
    if entity is None:
        raise nobody(who)
    return entity


async def find_or_make(act: Act, who: Who) -> Entity:
    """As `find`, but a person who never signed in yet, and an account, get their entity now."""
    if who.kind is Kind.ACCOUNT:
        return await _account(act, who)
    try:
        return await find(act, who)
    except NotFound:
        if who.kind is not Kind.PERSON:
            raise
    mount = await _place_of(act, who)
    name = _alias(who, mount)
    return await identity.make_entity(act.session, Who(Kind.PERSON, name, who.mount).entity_name, name, mount.accessor)


async def _account(act: Act, who: Who) -> Entity:
    """With its alias on the token auth method, through which tokens are minted for it.

    An account that called before anybody granted it anything has an entity that the vault named: that one is named
    anew, so that the tokens in use are its own.
    """
    name = accounts.entity_name(who.name)
    accessor = (await identity.auth_mounts(act.session))[TOKEN_MOUNT].accessor
    unnamed = await identity.entity_of_alias(act.session, name, accessor)
    if unnamed is not None and unnamed.name != name and await identity.entity_by_name(act.session, name) is None:
        await identity.rename_entity(act.session, unnamed.id, name)
    return await identity.make_entity(act.session, name, name, accessor)


async def _place_of(act: Act, who: Who) -> AuthMount:
    """Where somebody signs in of whom there is no entity yet. Raises NotFound for a user name that is not there."""
    mounts = await people_mounts(act)
    if who.mount:
        if who.mount not in mounts:
            raise Invalid.field(
                "who", "There is no sign-in of that name for people.", hint=f"There is: {_list(mounts)}"
            )
        return mounts[who.mount]
    own = act.services.vault.userpass_mount
    if own in mounts and await is_user(act, own, who.name):
        return mounts[own]
    raise nobody(who)


async def people_mounts(act: Act) -> dict[str, AuthMount]:
    """The auth methods by which people sign in; user names come first."""
    mounts = await identity.auth_mounts(act.session)
    fit = {path: mount for path, mount in mounts.items() if mount.type in FOR_PEOPLE}
    return dict(sorted(fit.items(), key=lambda item: (FOR_PEOPLE.index(item[1].type), item[0])))


async def _people_named(act: Act, who: Who) -> list[tuple[str, Entity]]:
    mounts = await people_mounts(act)
    wanted = {path: mount for path, mount in mounts.items() if who.mount in ("", path)}

    async def look(path: str) -> Entity | None:
        mount = wanted[path]
        return await identity.entity_of_alias(act.session, _alias(who, mount), mount.accessor)

    return list((await identity.each(wanted, look)).items())


async def is_user(act: Act, mount: str, name: str) -> bool:
    """Whether there is a user of that name in a userpass method."""
    try:
        await act.session.send("GET", "auth", mount, "users", name.lower())
    except NotFound:
        return False
    return True


def _alias(who: Who, mount: AuthMount) -> str:
    """userpass knows names in lower case only."""
    return who.name.lower() if mount.type == "userpass" else who.name


def _list(mounts: dict[str, AuthMount]) -> str:
    return ", ".join(mounts) or "none"


def nobody(who: Who) -> NotFound:
    """The vault knows nobody of that name."""
    hints = {
        Kind.PERSON: "status-secrets people add NAME adds somebody who signs in with a user name; "
        "for another sign-in say which: person:ldap/NAME",
        Kind.ACCOUNT: "Granting the account a scope adds it.",
    }
    hint = hints.get(who.kind, "status-secrets components add NAME adds one.")
    return NotFound(f"The vault knows no such {who.kind}.", hint=hint)


def who_is(entity: Entity) -> Who:
    """The name under which an entity is shown, and can be named again: with its sign-in, unless that is a user name."""
    kind, dash, rest = entity.name.partition("-")
    if dash and kind in (Kind.ACCOUNT, Kind.COMPONENT):
        return Who(Kind(kind), rest)
    aliases = [alias for alias in entity.aliases or () if alias.mount_type in FOR_PEOPLE]
    aliases.sort(key=lambda alias: FOR_PEOPLE.index(alias.mount_type))
    if not aliases:
        return Who(Kind.PERSON, entity.name.removeprefix(f"{Kind.PERSON}-"))
    first = aliases[0]
    place = "" if first.mount_type == FOR_PEOPLE[0] else first.mount_path.removeprefix("auth/").rstrip("/")
    return Who(Kind.PERSON, first.name, place)
