"""What one request was: a pure function from its line (a response, which repeats the request, or a lone request)."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from adapter.audit.actors import NOBODY, actor_of, is_adapter, standing_of
from adapter.audit.lines import Line, Request, Response, Sent, Written, mapping, nanoseconds, number, sent, written
from adapter.audit.paths import Layout, Place, place_of
from adapter.model.audit import EventAct as Act
from adapter.model.audit import Outcome
from adapter.model.intents import CREATING, PREFIX
from adapter.model.moves import PREFIX as MOVING

ACT_MINT = "auth/token/create/status-act"
ACCOUNT_MINTS = frozenset({"auth/token/create/status-account", "auth/token/create/status-account-admin"})
ACCOUNT = "account"
"""What a link says of the token of a STATUS account."""

SHARED = "shared"
"""What a link says of a value's read whose answer is wrapped next; it is no token's: its key is `shared_key`."""

_MARK = b'"wrapping"'
_WRAP = "sys/wrapping/wrap"

TEMPORARY_MINT = "auth/token/create/status-temporary"
TEMPORARY = "temporary"
"""What a link says of a token for temporary access, which is the last of its keys, after those of its wrapping."""

ASKED = "asked"
"""What a link says of an act's intent in a scope's entry, which stands for all secrets of the scope."""

OTHER_CLIENT = "cli/other"
"""A request without `X-Status-Client`: the `vault` and `bao` commands, curl, a program of somebody's."""

INTENT = "unfinished"
"""An intent was written; it stays on the event only when no act followed."""

RECORD = "record_written"
"""A version's record was written; it stays on the event only when no act came before."""

REPLACED = "metadata_replaced"
"""The whole of an entry's metadata was written anew, so that records of versions may be lost."""

_INTENTS = (PREFIX, MOVING)
_RECORD = re.compile(r"v[1-9][0-9]{0,8}")
_NOTHING = Written()
_REWRITING = frozenset({"create", "update"})


class Fact(msgspec.Struct, array_like=True, gc=False):
    """One request. `time` in nanoseconds, of the request's line where it is known.

    `group`: facts of one group may be one event. `link`: the hash of the act token or wrapping token that it was made
    with, 0 for none; `acting`: it looks like an act token. `members`: of a group, as they were written.
    """

    id: bytes
    time: int
    act: str
    outcome: str
    actor: str
    kind: str
    entity: str
    role: str
    secret: str
    scope: str
    version: int
    reason: str
    component: str
    client: str
    address: str
    flags: tuple[str, ...]
    group: int
    link: int = 0
    acting: bool = False
    members: tuple[int, ...] | None = None

    @property
    def answered(self) -> bool:
        return self.outcome != Outcome.UNKNOWN


class Link(msgspec.Struct, array_like=True, gc=False):
    """What a token was made for, under the hashes of its accessor and of itself.

    `act`: of an act token, whose mint by the adapter this is; `ACCOUNT`, of a STATUS account's; `other`, of what was
    wrapped and is no value; empty, of a wrapped value; `TEMPORARY`, of one for temporary access. `person`: for whom, or
    by whom, it was made. `alias`: the group of the new place of a rename, and the group of the old one that it belongs
    to. `request`: the act's; `to`: the new place itself. With `act` `ASKED` it is no token's: its key is `asked_key`.
    """

    keys: tuple[int, ...]
    time: int
    act: str
    secret: str
    scope: str
    person: str
    entity: str
    alias: tuple[int, int] | None = None
    request: str = ""
    to: str = ""


def hashed(text: str) -> int:
    """A signed 64-bit number for a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def token_key(digest: str) -> int:
    """The number under which a token or accessor is known, from its keyed hash in the log; 0 for none."""
    return hashed(digest) if digest else 0


def classify(line: Line, layout: Layout) -> tuple[Fact | None, Link | None]:
    """What a line says. Raises ValueError for a line whose time or id is none."""
    request = line.request
    if request.namespace is not None and request.namespace.path.strip("/") != layout.namespace:
        return None, None
    link = _link(line, layout)
    place = place_of(layout, request.path, request.operation, request.mount_point)
    if place is None:
        return None, link
    answer = written(line.response) if place.value or place.wrapping else _NOTHING
    if link is None and place.settings:
        link = _asked(line, place, layout)
    elif link is None and place.value and request.operation == "read" and _MARK in bytes(request.data):
        link = _to_wrap(line, place, layout, answer)
    outcome = _outcome(line, place, answer)
    if place.quiet and outcome != Outcome.DENIED:
        return None, link
    if request.path == ACT_MINT and not line.error and is_adapter(line.auth, layout.approle):
        return None, link
    if request.path in ACCOUNT_MINTS and is_adapter(line.auth, layout.approle):
        place = Place(Act.SIGNED_IN, "auth/token")
        outcome = _outcome(line, place, answer)
    return _fact(line, layout, place, outcome, answer), link


def _fact(line: Line, layout: Layout, place: Place, outcome: str, answer: Written) -> Fact:
    request, auth = line.request, line.auth
    identity = _identity(request.id)
    if place.act is Act.SIGNED_IN and line.response and line.response.auth:
        auth = line.response.auth
    standing = standing_of(auth, place.scope, layout)
    actor, acting = standing.actor, standing.acting
    name = place.actor if actor is NOBODY and place.actor else actor.name
    headers = request.headers or {}
    wanted = sent(request)
    act, version = _act(line, place, wanted, answer)
    made = acting or standing.minted
    link = _token_of(line, wanted) if place.wrapping else token_key(auth.accessor) if auth and made else 0
    who = actor.entity or (auth.accessor if auth else "")
    return Fact(
        identity,
        nanoseconds(line.time),
        act,
        outcome,
        name,
        actor.kind,
        actor.entity,
        standing.role,
        place.secret,
        place.scope,
        version,
        _header(headers, "x-status-reason"),
        actor.component or place.component,
        _header(headers, "x-status-client") or OTHER_CLIENT,
        request.remote_address,
        _flags(request, place, wanted) if wanted.custom_metadata else (),
        _group(line, place, who, acting, identity),
        link,
        acting,
        None if wanted.member_entity_ids is None else _members(place, wanted),
    )


def _members(place: Place, wanted: Sent) -> tuple[int, ...] | None:
    """Who is in a group after this request, as numbers: the log has their ids as keyed hashes."""
    members = wanted.member_entity_ids
    if not place.secret.startswith("group "):
        return None
    return tuple(sorted(hashed(str(member)) for member in (members if isinstance(members, list) else [members])))


def _identity(text: str) -> bytes:
    """A request's id, a UUID, in 16 bytes. Raises ValueError."""
    found = bytes.fromhex(text.replace("-", ""))
    if len(found) != 16:
        raise ValueError("not a request's id")
    return found


def _outcome(line: Line, place: Place, answer: Written) -> str:
    error = line.error
    if error:
        refused = "permission denied" in error or (place.act is Act.SIGNED_IN and "internal error" not in error)
        return Outcome.DENIED if refused else Outcome.FAILED
    if line.type != "response":
        return Outcome.UNKNOWN
    if place.act is Act.SIGNED_IN:
        return Outcome.DONE if line.response and line.response.auth else Outcome.FAILED
    if line.request.operation == "read" and place.entry and not _found(line, place, answer):
        return Outcome.FAILED
    return Outcome.DONE


def _found(line: Line, place: Place, answer: Written) -> bool:
    """Whether a read came back with something: a 404 has no error in the log."""
    response = line.response
    if response is None:
        return False
    if response.wrap_info is not None:
        return True
    return bytes(answer.data if place.value else response.data) != b"null"


def _act(line: Line, place: Place, wanted: Sent, answer: Written) -> tuple[str, int]:
    """The act and the version, 0 where the line does not say."""
    act, response = place.act, line.response
    if place.value and act is Act.UPDATED:
        version = number(answer.version)
        if version == 1 or (version == 0 and mapping(wanted.options).get("cas") == 0):
            return Act.CREATED, version
        return act, version
    if act is Act.USED and (place.value or place.wrapping):
        if response is not None and response.wrap_info is not None:
            return Act.WRAPPED, 0
        return act, number(mapping(answer.metadata).get("version"))
    if act in (Act.VERSION_DELETED, Act.VERSION_UNDELETED, Act.VERSION_DESTROYED):
        numbers = wanted.versions if isinstance(wanted.versions, list) else []
        return act, number(numbers[0]) if len(numbers) == 1 else 0
    if place.secret.startswith("group ") and act is Act.GRANTED:
        members = wanted.member_entity_ids
        return Act.POLICY_CHANGED if members is None else Act.GRANTED if members else Act.REVOKED, 0
    if place.secret.startswith("entity") and wanted.disabled is True:
        return Act.REVOKED, 0
    return act, 0


def _flags(request: Request, place: Place, wanted: Sent) -> tuple[str, ...]:
    custom = mapping(wanted.custom_metadata)
    if not place.metadata or not custom:
        return ()
    if any(key == CREATING or (key.startswith(_INTENTS) and value is not None) for key, value in custom.items()):
        return (INTENT,)
    if request.operation in _REWRITING and CREATING not in custom:
        return (REPLACED,)
    if any(_RECORD.fullmatch(key) and value is not None for key, value in custom.items()):
        return (RECORD,)
    return ()


def _group(line: Line, place: Place, who: str, acting: bool, identity: bytes) -> int:
    """Requests of one token for one entry within one call of the adapter; else each on its own."""
    auth = line.auth
    if acting and auth is not None:
        claim = auth.metadata or {}
        return _group_of(claim.get("entity_id") or who, claim.get("request", ""), claim.get("secret", ""))
    request = _header(line.request.headers or {}, "x-status-request")
    if request and place.entry:
        return _group_of(who, request, place.secret)
    return int.from_bytes(identity[:8], "big", signed=True)


def _group_of(who: str, request: str, secret: str) -> int:
    return hashed(f"{who}|{request}|{secret}")


def _header(headers: dict[str, list[str]], name: str) -> str:
    values = headers.get(name)
    return ", ".join(values)[:1000] if values else ""


def _token_of(line: Line, wanted: Sent) -> int:
    """The wrapping token that is unwrapped: the one in the body, else the one the request was made with."""
    given = wanted.token if isinstance(wanted.token, str) else ""
    return token_key(given) or token_key(line.auth.accessor if line.auth else "")


def _link(line: Line, layout: Layout) -> Link | None:
    answer = line.response
    if answer is None:
        return None
    if line.request.path == TEMPORARY_MINT and not line.error:
        return _temporary(line, layout, answer)
    if answer.wrap_info is not None:
        return _wrap(line, layout, answer.wrap_info.token, answer.wrap_info.accessor, answer.wrap_info.creation_path)
    if answer.auth is None or not is_adapter(line.auth, layout.approle):
        return None
    claim, keys = answer.auth.metadata or {}, (token_key(answer.auth.accessor),)
    time = nanoseconds(line.time)
    if line.request.path == ACT_MINT:
        act, secret = claim.get("act", Act.OTHER.value), claim.get("secret", "")
        entity, request, to = (claim.get(name, "") for name in ("entity_id", "request", "to"))
        alias = (_group_of(entity, request, to), _group_of(entity, request, secret)) if to else None
        return Link(keys, time, act, secret, "", claim.get("person", ""), entity, alias, request, to)
    if line.request.path in ACCOUNT_MINTS:
        return Link(keys, time, ACCOUNT, "", "", claim.get("username", ""), answer.auth.entity_id)
    return None


def _temporary(line: Line, layout: Layout, answer: Response) -> Link | None:
    """Whoever may mint such a token: the vault lets its token role give it nothing but temporary access."""
    wrap = answer.wrap_info
    made = wrap.wrapped_accessor if wrap else answer.auth.accessor if answer.auth else ""
    digests = (wrap.accessor, wrap.token) if wrap else ()
    if not made:
        return None
    keys = (*(token_key(digest) for digest in digests if digest), token_key(made))
    giver = actor_of(line.auth, layout)
    return Link(keys, nanoseconds(line.time), TEMPORARY, TEMPORARY_MINT, "", giver.name, giver.entity)


def asked_key(entity: str, request: str, scope: str) -> int:
    """The number under which an act's intent in a scope is known; of the request its first 12 characters count."""
    return hashed(f"{ASKED}|{entity}|{request[:12]}|{scope}")


def shared_key(request: str) -> int:
    """The number under which the read is known whose value was wrapped within a `request` (`Link.request`)."""
    return hashed(f"{SHARED}|{request}")


def _request_of(line: Line) -> str:
    """Whose call of the adapter, and which; empty for a request that names none."""
    request = _header(line.request.headers or {}, "x-status-request")
    return f"{line.auth.entity_id or line.auth.accessor}|{request}" if request and line.auth else ""


def _to_wrap(line: Line, place: Place, layout: Layout, answer: Written) -> Link | None:
    """A value that was read to be wrapped: the log has the wrapping without where the value is from."""
    request = _request_of(line)
    if not request or line.error or not _found(line, place, answer):
        return None
    actor = actor_of(line.auth, layout)
    key = shared_key(request)
    return Link((key,), nanoseconds(line.time), SHARED, place.secret, place.scope, actor.name, actor.entity)


def _asked(line: Line, place: Place, layout: Layout) -> Link | None:
    """The intent of an act on many secrets, written into their scope's entry."""
    custom = mapping(sent(line.request).custom_metadata)
    requests = [key.removeprefix(PREFIX) for key, value in custom.items() if key.startswith(PREFIX) and value]
    entity = line.auth.entity_id if line.auth else ""
    standing = standing_of(line.auth, place.scope, layout)
    if line.type != "response" or line.error or not requests or standing.acting:
        return None
    keys = tuple(asked_key(entity, request, place.scope) for request in requests)
    return Link(keys, nanoseconds(line.time), ASKED, "", place.scope, standing.actor.name, entity)


def _wrap(line: Line, layout: Layout, token: str, accessor: str, first: str) -> Link:
    """What was wrapped; of a rewrapped token Vault says which path it came from `first`."""
    request = line.request
    rewrapped = request.path.startswith("sys/wrapping/")
    place = place_of(layout, first, "read") if rewrapped else place_of(layout, request.path, request.operation)
    keys = tuple(key for key in (token_key(accessor), token_key(token)) if key)
    actor = actor_of(line.auth, layout)
    act = "" if place is not None and place.value else Act.OTHER.value
    secret, scope = (place.secret, place.scope) if place else ("", "")
    made_for = _request_of(line) if request.path == _WRAP else ""
    return Link(keys, nanoseconds(line.time), act, secret, scope, actor.name, actor.entity, request=made_for)
