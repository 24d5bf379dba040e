"""Rotating an account of a real PostgreSQL server together with its secret."""

from __future__ import annotations

import asyncio
import secrets
import sys
import threading
from contextlib import suppress

import psycopg
import pytest
from pydantic import SecretStr

from adapter.client import AsyncClient
from adapter.errors import Conflict, Invalid, NotAllowed, NotFound, SetupFailed, Unreachable
from adapter.rotation import Login, NotRotated, open_target
from adapter.rotation.postgres import RoleChange
from tests.datasources.conftest import Rotation
from tests.support.bao import free_port
from tests.support.server import People
from tests.support.tokens import token_with

FIRST = "f1rst-p4ssword"


@pytest.fixture
async def made(rotation: Rotation) -> Rotation:
    """An account and its secret, which agree."""
    rotation.postgres.add(rotation.account, FIRST)
    await rotation.keep(FIRST)
    return rotation


@pytest.fixture
def admin(rotation: Rotation) -> Login:
    """An account of the database that may change others' passwords."""
    password = secrets.token_urlsafe(12)
    rotation.postgres.add(f"{rotation.account}_admin", password, "SUPERUSER")
    return Login(f"{rotation.account}_admin", SecretStr(password))


async def test_a_new_password_on_both_sides(made: Rotation) -> None:
    outcome = await made.rotate()
    assert (outcome.version, outcome.account, outcome.finished) == (2, made.account, False)
    assert outcome.gap is not None
    assert 0 < outcome.gap < 5
    password = (await made.value()).value.get_secret_value()
    assert password != FIRST
    assert made.postgres.lets_in(made.account, password)
    assert not made.postgres.lets_in(made.account, FIRST)
    newest = (await made.history())[0]
    assert (newest.version, newest.reason, newest.origin) == (2, "quarterly", "updated")


async def test_the_database_gets_a_scram_verifier_and_neither_log_has_the_password(made: Rotation) -> None:
    assert made.postgres.run("SHOW password_encryption") == [("md5",)]
    assert made.postgres.run("SHOW log_statement") == [("all",)]
    await made.rotate()
    password = (await made.value()).value.get_secret_value()
    query = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{made.account}'"
    ((stored,),) = made.postgres.run(query)
    assert stored.startswith("SCRAM-SHA-256$4096:")
    log = made.postgres.log
    assert f'ALTER ROLE "{made.account}" PASSWORD' in log
    assert password not in log
    if made.server.audit_log is not None:
        assert password not in made.server.audit_log.read_text()


async def test_an_admin_account_changes_it(made: Rotation, admin: Login) -> None:
    await made.rotate(admin)
    assert await made.works()


async def test_a_custom_secret_keeps_its_other_fields(rotation: Rotation) -> None:
    rotation.postgres.add(rotation.account, FIRST)
    await rotation.keep(FIRST, username=rotation.account, note="reports")
    await rotation.rotate()
    assert await rotation.works()
    fields = (await rotation.value()).fields
    assert fields is not None
    assert {name: text.get_secret_value() for name, text in fields.items()} == {
        "username": rotation.account,
        "note": "reports",
    }


async def test_what_does_not_work_is_put_back_on_both_sides(made: Rotation) -> None:
    # The rotation's own connection is the one that is allowed, so the trial of the new password finds none left.
    made.postgres.run(f'ALTER ROLE "{made.account}" CONNECTION LIMIT 1')
    with pytest.raises(NotRotated, match="put back on both sides"):
        await made.rotate()
    made.postgres.run(f'ALTER ROLE "{made.account}" CONNECTION LIMIT -1')
    assert made.postgres.lets_in(made.account, FIRST)
    assert (await made.value()).value.get_secret_value() == FIRST
    newest = (await made.history())[0]
    assert (newest.version, newest.origin, newest.rolled_back_from) == (3, "rolled_back", 1)
    assert (await made.rotate()).version == 4
    assert await made.works()


async def test_a_change_that_the_database_refuses_leaves_both_sides_as_they_were(
    made: Rotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"{made.account}_other"
    made.postgres.add(other, FIRST)
    with pytest.raises(NotAllowed, match="does not let this account"):
        await made.rotate(Login(other, SecretStr(FIRST)))
    with pytest.raises(NotAllowed, match="refused the sign-in"):
        await made.rotate(Login(other, SecretStr("wrong")))
    assert (await made.value()).version == 1
    assert await made.works()


async def test_a_version_that_the_vault_refuses_changes_nothing_in_the_database(made: Rotation) -> None:
    policies = ["default", "status-use-environment-production"]
    reader = Rotation(made.server, made.person, made.postgres, made.account)
    reader.person = type(made.person)("reader", SecretStr(""), await token_with(made.server, policies))
    with pytest.raises(NotAllowed, match="DEVELOPER"):
        await reader.rotate()
    assert (await made.value()).version == 1
    assert await made.works()


async def test_two_at_once_end_with_one_password(made: Rotation) -> None:
    results = await asyncio.gather(*(made.rotate() for _ in range(3)), return_exceptions=True)
    assert any(not isinstance(result, BaseException) for result in results)
    assert all(isinstance(result, Conflict | NotRotated) for result in results if isinstance(result, BaseException))
    with suppress(NotRotated):
        if not await made.works():
            await made.rotate()
    assert await made.works()


async def test_one_who_lost_the_race_leaves_the_database_to_the_other(made: Rotation) -> None:
    target = made.target()
    login = Login(made.account, SecretStr(FIRST))
    async with target.change(login, made.account, SecretStr("never in effect")):
        pass
    assert made.postgres.lets_in(made.account, FIRST)


async def test_a_database_that_asks_for_no_password_proves_nothing(rotation: Rotation) -> None:
    with suppress(psycopg.errors.DuplicateObject):
        rotation.postgres.add("let_in", FIRST)
    await rotation.keep(FIRST, username="let_in")
    with pytest.raises(NotRotated, match="without asking for its password"):
        await rotation.rotate()
    assert (await rotation.value()).version == 1


async def test_nobody_is_there(made: Rotation) -> None:
    target = open_target("postgres", {"host": "127.0.0.1", "port": free_port()})
    with pytest.raises(Unreachable, match="does not answer"):
        await target.accepts(Login(made.account, SecretStr(FIRST)))


async def test_an_account_that_is_not_there(made: Rotation, admin: Login) -> None:
    with pytest.raises(NotFound, match="no account of that name"):
        async with made.target().change(admin, "no such account", SecretStr("x")):
            pass


@pytest.mark.parametrize(
    ("config", "field"),
    [({}, "host"), ({"host": 7}, "host"), ({"host": "x", "port": "y"}, "port"), ({"host": "x", "port": 0}, "port")],
)
def test_a_place_that_is_none(config: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        open_target("postgres", config)
    assert caught.value.fields[0].field == field


def test_without_its_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "adapter.rotation.postgres")
    with pytest.raises(SetupFailed) as caught:
        open_target("postgres", {"host": "x"})
    assert "pip install -e '.[postgres]'" in caught.value.hint


async def test_when_both_sides_differ_and_nothing_works_it_says_so(made: Rotation, admin: Login) -> None:
    made.postgres.run(f"ALTER ROLE \"{made.account}\" PASSWORD 'somebody else set this'")
    with pytest.raises(NotRotated, match="refuses the current version and every earlier one"):
        await made.rotate()
    outcome = await made.rotate(admin)
    assert (outcome.version, outcome.finished) == (1, True)
    assert await made.works()


class Watcher:
    """A client that reads the current version and connects with it, all the time."""

    def __init__(self, rotation: Rotation) -> None:
        self._rotation = rotation
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch()))
        self.connects = 0
        self.failures = 0

    async def _watch(self) -> None:
        async with self._rotation.client() as client:
            while not self._end.is_set():
                now = await client.value(self._rotation.id)
                assert now.fields is not None
                user, password = now.fields["username"].get_secret_value(), now.value.get_secret_value()
                if self._rotation.postgres.lets_in(user, password):
                    self.connects += 1
                else:
                    self.failures += 1

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=30)


async def test_with_two_accounts_in_turn_there_is_no_moment_without_a_good_version(
    rotation: Rotation, admin: Login
) -> None:
    other = f"{rotation.account}_b"
    rotation.postgres.add(rotation.account, FIRST)
    rotation.postgres.add(other)
    await rotation.keep(FIRST, username=rotation.account)
    accounts = []
    with Watcher(rotation) as watcher:
        for _ in range(5):
            before = watcher.connects
            outcome = await rotation.alternate(other, admin)
            assert outcome.gap is None
            accounts.append(outcome.account)
            while watcher.connects < before + 3 and not watcher.failures:
                await asyncio.sleep(0.01)
    assert accounts == [other, rotation.account, other, rotation.account, other]
    assert watcher.failures == 0
    assert watcher.connects >= 15
    earlier = await rotation.value((await rotation.value()).version - 1)
    assert rotation.postgres.lets_in(rotation.account, earlier.value.get_secret_value())  # still good for who holds it


async def test_the_idle_account_that_cannot_get_in_is_put_back(rotation: Rotation, admin: Login) -> None:
    other = f"{rotation.account}_b"
    rotation.postgres.add(rotation.account, FIRST)
    rotation.postgres.add(other)
    await rotation.keep(FIRST, username=rotation.account)
    await rotation.alternate(other, admin)
    rotation.postgres.run(f'ALTER ROLE "{rotation.account}" CONNECTION LIMIT 0')
    with pytest.raises(NotRotated, match="the current version is as it was"):
        await rotation.alternate(other, admin)
    assert await rotation.works()
    assert (await rotation.value()).version == 2
    rotation.postgres.run(f'ALTER ROLE "{rotation.account}" CONNECTION LIMIT -1')
    assert rotation.postgres.lets_in(rotation.account, FIRST)


async def test_two_accounts_need_a_secret_that_names_one(made: Rotation, admin: Login) -> None:
    with pytest.raises(Invalid, match="says which one is current"):
        await made.alternate(f"{made.account}_b", admin)


async def test_two_accounts_that_the_secret_does_not_name(rotation: Rotation, admin: Login) -> None:
    await rotation.keep(FIRST, username="somebody")
    with pytest.raises(Invalid, match="names neither"):
        await rotation.alternate(f"{rotation.account}_b", admin)
    same = Rotation(rotation.server, rotation.person, rotation.postgres, rotation.account)
    with pytest.raises(Invalid, match="the same"):
        await same.alternate(rotation.account, admin)


async def test_a_lost_answer_of_the_vault_is_looked_after(made: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new version was written, and the answer got lost: it counts as written."""
    from adapter.client import AsyncClient
    from adapter.errors import OutcomeUnknown

    edit = AsyncClient.edit

    async def lost(self: AsyncClient, *arguments: object) -> None:
        await edit(self, *arguments)  # type: ignore[arg-type]
        raise OutcomeUnknown("lost")

    monkeypatch.setattr(AsyncClient, "edit", lost)
    outcome = await made.rotate()
    assert outcome.version == 2
    assert await made.works()


async def test_a_commit_that_fails_is_put_back(made: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    commit = RoleChange.commit

    async def refused(self: RoleChange) -> None:
        commits.append(1)
        if len(commits) == 1:
            raise Conflict("refused")
        await commit(self)

    monkeypatch.setattr(RoleChange, "commit", refused)
    with pytest.raises(NotRotated, match="put back on both sides"):
        await made.rotate()
    assert (await made.value()).value.get_secret_value() == FIRST
    assert await made.works()


async def test_what_the_vault_does_not_put_back_is_said(made: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(self: AsyncClient, secret_id: str, body: object) -> None:
        raise NotAllowed("No act token.")

    made.postgres.run(f'ALTER ROLE "{made.account}" CONNECTION LIMIT 1')
    monkeypatch.setattr(AsyncClient, "roll_back", refused)
    with pytest.raises(NotRotated, match="still the current version: No act token"):
        await made.rotate()
    made.postgres.run(f'ALTER ROLE "{made.account}" CONNECTION LIMIT -1')
    assert made.postgres.lets_in(made.account, FIRST)
    assert (await made.rotate()).finished
    assert await made.works()


async def test_another_change_that_does_not_end_is_not_waited_for_for_ever(
    made: Rotation, admin: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.rotation.postgres.LOCK_SECONDS", 1)
    async with made.target().change(admin, made.account, SecretStr("not yet in effect")):
        with pytest.raises(Conflict, match="Somebody else"):
            await made.rotate()
    assert (await made.value()).version == 1
    assert await made.works()


async def test_a_person_who_may_not_read_is_told(made: Rotation, people: People) -> None:
    developer = Rotation(made.server, people["developer"], made.postgres, made.account)
    with pytest.raises(NotAllowed, match="use"):
        await developer.rotate()
