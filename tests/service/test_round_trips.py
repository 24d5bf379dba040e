"""What goes into the real server comes out of it as it was: names, values, metadata, reasons, references, backups."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from adapter.errors import Invalid, TooLarge
from adapter.model.address import Address, Scope, normalise_name
from adapter.model.backup import SavedSecret, decode_line, encode_line
from adapter.model.references import Reference
from adapter.model.wire import SecretCreate, SecretPatch
from adapter.service.app import Act, Services
from adapter.service.backing_up import back_up
from adapter.service.changing import edit_secret
from adapter.service.creating import create_secret
from adapter.service.listing import Filter, list_secrets, view_secret
from adapter.service.restoring import restore_secret
from adapter.service.versions import history
from adapter.vault import Caller
from adapter.vault.kv import VERSION_BYTES
from tests.support.server import People, Server

T = TypeVar("T")

SCOPE = Scope.parse("environment/development")

few = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

lines = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=400)
"""What one line of metadata may hold, mostly."""

texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip)
"""Any Unicode that is no lone surrogate: control characters too."""


class World:
    """One event loop and one connection for all examples."""

    def __init__(self, runner: asyncio.Runner, services: Services, people: People) -> None:
        self._runner, self._services, self._people = runner, services, people

    def act(self, who: str, reason: str = "") -> Act:
        return self._services.act(Caller(self._people[who].token, reason=reason))

    def run(self, act: Callable[[Act], Coroutine[Any, Any, T]], who: str = "developer", reason: str = "") -> T:
        return self._runner.run(act(self.act(who, reason)))


@pytest.fixture(scope="module")
def world(server: Server, people: People) -> Iterator[World]:
    with asyncio.Runner() as runner:
        vault = server.vault()
        runner.run(vault.__aenter__())
        yield World(runner, Services(vault), people)
        runner.run(vault.__aexit__())


def fresh() -> str:
    return f"p{secrets.token_hex(6)}"


def body(name: str, value: str = "x", **more: Any) -> SecretCreate:
    return SecretCreate(name=name, type="CUSTOM", value=SecretStr(value), scope=str(SCOPE), **more)


@few
@given(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,86}", fullmatch=True) | st.text(max_size=30))
def test_names(world: World, text: str) -> None:
    """A name is refused, or it is stored as it is said and found under its id."""
    name = f"{fresh()}{text}"
    try:
        stored = normalise_name(name)
    except Invalid:
        with pytest.raises(Invalid):
            world.run(lambda act: create_secret(act, body(name)))
        return
    assert normalise_name(stored) == stored
    made = world.run(lambda act: create_secret(act, body(name)))
    assert made.name == stored
    assert Address.from_id(made.id) == Address.of(SCOPE, stored)
    assert world.run(lambda act: view_secret(act, Address.from_id(made.id)), "viewer").name == stored
    listed, _ = world.run(lambda act: list_secrets(act, Filter(scope=str(SCOPE), q=stored)), "viewer")
    assert [one.name for one in listed if one.id == made.id] == [stored]


@few
@given(texts)
@example("a")
@example("\x00\x01\x7f\x85\u2028\u2029\ufeff\ufffe\U0010ffff")
@example("<>&\"'\\/\r\n\t ")
@example("ä" * 5_000)
def test_values(world: World, value: str) -> None:
    """Any text comes back as it is, from both ways in."""
    made = world.run(lambda act: create_secret(act, body(fresh(), value)))
    address = Address.from_id(made.id)
    world.run(lambda act: edit_secret(act, address, SecretPatch(value=SecretStr(value[::-1] + "."))))
    for number, wanted in ((1, value), (2, value[::-1] + ".")):
        fields = world.run(lambda act, number=number: act.store.read_version(address, number), "admin")
        assert fields["value"].get_secret_value() == wanted


@pytest.mark.parametrize("character", ["a", '"', "<", "\U0001f511"], ids=lambda char: f"U+{ord(char):04X}")
def test_values_up_to_the_limit(world: World, character: str) -> None:
    """The largest value that is taken is stored whole; one more character is refused before it is sent."""

    def size(count: int) -> int:
        escaped = {'"': 2, "<": 6}.get(character, len(character.encode()))
        return count * escaped

    room = VERSION_BYTES - len('"value"') - 2
    count = room // size(1)
    made = world.run(lambda act: create_secret(act, body(fresh(), character * count)))
    address = Address.from_id(made.id)
    fields = world.run(lambda act: act.store.read_version(address, 1), "admin")
    assert fields["value"].get_secret_value() == character * count
    with pytest.raises(TooLarge):
        world.run(lambda act: create_secret(act, body(fresh(), character * (count + 1))))
    world.run(lambda act: act.store.delete_all(address), "admin")


@few
@given(lines, lines, st.lists(st.text("abcüß -_", min_size=1, max_size=20), max_size=5), lines.map(lambda s: s[:60]))
def test_metadata(world: World, description: str, usage: str, tags: list[str], reason: str) -> None:
    """Details and reasons are refused, or come back as they were, but for white space at their ends."""
    reason = reason.strip()
    given_details = {"description": description, "usage": usage, "tags": tags}
    fits = all(len(text.strip().encode()) <= 512 for text in (description, usage))
    if not fits:
        with pytest.raises(Invalid):
            world.run(lambda act: create_secret(act, body(fresh(), **given_details)), reason=reason)
        return
    made = world.run(lambda act: create_secret(act, body(fresh(), **given_details)), reason=reason)
    seen = world.run(lambda act: view_secret(act, Address.from_id(made.id)), "viewer")
    assert (seen.description, seen.usage) == (description.strip(), usage.strip())
    assert seen.tags == list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    shown = world.run(lambda act: history(act, Address.from_id(made.id)), "viewer")
    assert (shown[0].reason or "") == reason


@few
@given(st.timedeltas(min_value=timedelta(minutes=5), max_value=timedelta(days=9000)))
def test_expiries(world: World, ahead: timedelta) -> None:
    moment = (datetime.now(UTC) + ahead).replace(microsecond=0)
    made = world.run(lambda act: create_secret(act, body(fresh(), expires_at=moment.isoformat())))
    assert datetime.fromisoformat(str(made.expires_at)) == moment


parts = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="/", include_characters=" "),
    min_size=1,
    max_size=20,
)
paths = st.lists(parts.filter(lambda text: text.strip(" .") == text), min_size=1, max_size=3)
"""What `bao kv put` can make."""


@few
@given(paths)
def test_addresses_of_the_command_line(world: World, names: list[str]) -> None:
    """Their ids and their references lead back to them."""
    address = Address("/".join([str(SCOPE), fresh(), *names]))
    world.run(lambda act: act.store.write_stored(address, {"value": "v"}, cas=0), "admin")
    assert world.run(lambda act: view_secret(act, Address.from_id(address.id)), "viewer").name == address.name
    reference = Reference(address, 1, names[0])
    assert Reference.parse(str(reference)) == reference


stored = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@settings(few, max_examples=10)
@given(paths, st.dictionaries(st.text("abcdef_", min_size=1, max_size=10), stored, min_size=1, max_size=4))
def test_backups(world: World, names: list[str], data: dict[str, Any]) -> None:
    """Whatever the fields hold, and wherever they are."""
    scope = Scope.parse("environment/staging")
    address = Address("/".join([str(scope), fresh(), *names]))

    async def there_and_back(act: Act) -> None:
        await act.store.write_stored(address, data, cas=0)
        found = [line async for line in back_up(act, [scope]) if isinstance(line, SavedSecret)]
        saved = next(line for line in found if line.path == address.path)
        assert decode_line(encode_line(saved)) == saved
        await act.store.delete_all(address)
        await restore_secret(act, saved, dry_run=False)
        assert await act.store.stored(address, 1) == data
        await act.store.delete_all(address)

    world.run(there_and_back, "admin")
