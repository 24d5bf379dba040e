"""The secret's side of a rotation: its versions, read and written over the API with the caller's own token."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.client import AsyncClient
from adapter.errors import Invalid, NotAllowed, NotFound, OutcomeUnknown, Unreachable
from adapter.model.references import Reference
from adapter.model.retrieval import ValueAnswer
from adapter.model.roles import Role
from adapter.model.wire import Rollback, SecretPatch
from adapter.rotation._target import Login

VALUE = "value"
USERNAME = "username"
LENGTH = 40
"""Letters and digits: 238 bits, and nothing that a connection string would have to escape."""


def new_password() -> SecretStr:
    return SecretStr("".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(LENGTH)))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the secret as an account and its password; `stored` is all that it holds."""

    number: int
    login: Login
    stored: ValueAnswer


class Kept:
    """A secret that keeps an account's password in its value, or in the field that the reference names.

    The account is the secret's field `username` where it has one, else `user`, which the option `named_by` gives.
    """

    def __init__(
        self, client: AsyncClient, reference: Reference, user: str | None, reason: str, named_by: str = "--user"
    ) -> None:
        if reference.version is not None:
            raise Invalid("A reference to one version cannot be rotated.", hint="Leave ?version= out.")
        self._client = client
        self._id = reference.address.id
        self._field = reference.field or VALUE
        self._scope = str(reference.address.scope)
        self._user = user
        self._named_by = named_by
        self._reason = reason
        self.name = reference.address.path

    async def check_rights(self) -> None:
        """Raises NotAllowed before anything is touched; the vault decides again at each step. Raises NotFound.

        The look at the secret also has the adapter load, within this process, what it needs for the write to come.
        """
        await self._client.secret(self._id)
        roles = (await self._client.me()).roles
        if roles.get(self._scope) not in (Role.DEVELOPER, Role.ADMIN):
            raise NotAllowed(
                f"Rotating takes two rights in {self._scope}: to read the value (use), and to write a new version "
                f"({Role.DEVELOPER}). You lack {Role.DEVELOPER}.",
                hint="An ADMIN holds both, and can grant them.",
            )

    async def read(self, number: int | None = None) -> Version:
        """A version, None for the current one. Raises NotFound, NotAllowed, Invalid without an account's name."""
        stored = await self._client.value(self._id, version=number, reason=self._reason)
        texts = {VALUE: stored.value, **(stored.fields or {})}
        if self._field not in texts:
            raise NotFound("The secret has no such field.", hint="Name the field with the password: …#password")
        user = texts[USERNAME].get_secret_value() if USERNAME in texts else self._user
        if not user:
            hint = f"Name the account with {self._named_by}."
            raise Invalid.field("user", f"It is not known whose password is in {self.name}.", hint=hint)
        return Version(stored.version, Login(user, texts[self._field]), stored)

    async def earlier(self, current: int) -> AsyncIterator[Version]:
        """The versions before that one which can still be read, newest first, each read when it is asked for."""
        for version in await self._client.versions(self._id):
            if version.version < current and version.state == "earlier":
                with suppress(Invalid, NotFound):  # of another shape, or gone meanwhile
                    yield await self.read(version.version)

    async def write(self, before: Version, login: Login) -> int:
        """A new version on top of `before`, which is kept but for the account and password; answers its number."""
        fields = {**(before.stored.fields or {})}
        value: SecretStr | None = before.stored.value
        if fields and value is not None and value.get_secret_value() == _bundle(fields):
            value = None  # it stands for the fields, so it is made anew from them
        if USERNAME in fields:
            fields[USERNAME] = SecretStr(login.user)
        if self._field == VALUE:
            value = login.password
        else:
            fields[self._field] = login.password
        body: dict[str, object] = {"reason": self._reason, "if_version": before.number}
        if value is not None:
            body["value"] = value
        if fields:
            body["fields"] = fields
        try:
            return (await self._client.edit(self._id, SecretPatch.model_validate(body))).version
        except (OutcomeUnknown, Unreachable):
            now = await self.read()
            if now.number > before.number and now.login == login:  # it was written all the same
                return now.number
            raise

    async def put_back(self, version: Version) -> int:
        """An earlier version once more, as the newest; answers its number."""
        reason = "put back: the new password did not work"
        return (await self._client.roll_back(self._id, Rollback(version=version.number, reason=reason))).version


def _bundle(fields: dict[str, SecretStr]) -> str:
    """What a custom secret without a value of its own has for one: all its fields, as JSON."""
    given = {name: text.get_secret_value() for name, text in fields.items()}
    return json.dumps(given, ensure_ascii=False, sort_keys=True)
