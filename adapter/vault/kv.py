"""KV v2 for one caller: metadata, versions, listings."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from hvac.api.secrets_engines.kv_v2 import KvV2
from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound, TooLarge, Unreachable
from adapter.model.address import Address
from adapter.vault.answers import Fields, Listing, Metadata, Written, decode_data, unreadable
from adapter.vault.problems import TimedOut
from adapter.vault.session import ServerKind, VaultSession

FAN_OUT = 16
"""How many requests a listing has under way at once on a server without a bulk listing."""

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


VERSION_BYTES = 1_040_000
"""The most that one version may take, encoded: raft stores entries of up to 1 MiB."""

ESCAPED = re.compile("[<>&\u2028\u2029]")
"""What the servers write as six bytes, `\\u003c`."""


def check_size(fields: Mapping[str, SecretStr]) -> None:
    """Raises TooLarge, with the limit, for what the server cannot store as one version."""
    texts = [text for name, value in fields.items() for text in (name, value.get_secret_value())]
    size = sum(len(json.dumps(text, ensure_ascii=False).encode()) + 5 * len(ESCAPED.findall(text)) for text in texts)
    if size > VERSION_BYTES:
        raise TooLarge(
            f"The value takes {-(-size // 1000)} kB as it is stored; the limit is {VERSION_BYTES // 1000} kB.",
            hint="Keep large files elsewhere, encrypted, and only their key here.",
        )


class KvStore:
    """One caller's view of the mount. What a policy refuses raises NotAllowed, as Vault says it."""

    def __init__(self, session: VaultSession) -> None:
        self._session = session
        self._mount = session.vault.mount
        self._kv = KvV2(session.hvac())

    async def metadata(self, address: Address) -> Metadata:
        """Raises NotFound when nothing is there."""
        content = await self._kv.read_secret_metadata(address.path, mount_point=self._mount)
        return decode_data(content, Metadata)

    async def write(self, address: Address, fields: Mapping[str, SecretStr], *, cas: int) -> Written:
        """A new version on top of version `cas` (0: a new secret). Raises Conflict when another is there."""
        secret = {name: value.get_secret_value() for name, value in fields.items()}
        content = await self._kv.create_or_update_secret(address.path, secret, cas=cas, mount_point=self._mount)
        return decode_data(content, Written)

    async def patch_custom(
        self,
        address: Address,
        changes: Mapping[str, str | None],
        *,
        seen: Metadata | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Set, or with None remove, keys of `custom_metadata`; every other key stays.

        With `seen`, and where the server counts its changes (OpenBao), only on top of that state, else Conflict.
        """
        body: dict[str, object] = {"custom_metadata": dict(changes), **(settings or {})}
        if seen is not None and seen.current_metadata_version is not None:
            body["metadata_cas"] = seen.current_metadata_version
        await self._session.send("PATCH", self._mount, "metadata", address.path, body=body, headers=MERGE_PATCH)

    async def create_custom(
        self, address: Address, custom: Mapping[str, str], settings: Mapping[str, object] | None = None
    ) -> None:
        """Create an entry that has metadata and no version yet; `settings` by Vault's names (`max_versions`, …).

        Raises Conflict or NotAllowed when there is one. HashiCorp Vault knows no check-and-set here, and who may
        replace metadata there must look first.
        """
        body: dict[str, object] = {"custom_metadata": dict(custom), **(settings or {})}
        if await self._session.vault.kind() is ServerKind.OPENBAO:
            body["metadata_cas"] = 0
        await self._session.send("POST", self._mount, "metadata", address.path, body=body)

    async def patch_settings(self, address: Address, settings: Mapping[str, object]) -> None:
        """Set an entry's `max_versions`, `delete_version_after`, `cas_required` or `metadata_cas_required`."""
        await self._session.send(
            "PATCH", self._mount, "metadata", address.path, body=dict(settings), headers=MERGE_PATCH
        )

    async def change_versions(self, act: str, address: Address, *versions: int) -> None:
        """`act` is `delete`, `undelete` or `destroy`; silent for a version that is not there."""
        await self._session.send("POST", self._mount, act, address.path, body={"versions": list(versions)})

    async def read_version(self, address: Address, version: int) -> dict[str, SecretStr]:
        """The fields of a version. Raises NotFound when it is deleted, destroyed or was never there."""
        return _as_secrets(await self.stored(address, version))

    async def copy_version(self, address: Address, source: int, *, cas: int) -> tuple[Written, dict[str, SecretStr]]:
        """Version `source` once more, on top of version `cas`, field by field as it is; answers its fields too."""
        fields = await self.stored(address, source)
        return await self.write_stored(address, fields, cas=cas), _as_secrets(fields)

    async def write_stored(self, address: Address, fields: Mapping[str, Any], *, cas: int) -> Written:
        """As `write`, of what `stored` answered."""
        content = await self._kv.create_or_update_secret(address.path, fields, cas=cas, mount_point=self._mount)
        return decode_data(content, Written)

    async def stored(self, address: Address, version: int) -> dict[str, Any]:
        """As `read_version`, with what the CLI wrote as it is: numbers and objects too."""
        content = await self._kv.read_secret_version(
            address.path, version=version, mount_point=self._mount, raise_on_deleted_version=False
        )
        return decode_data(content, Fields).data

    async def delete_all(self, address: Address) -> None:
        """Remove all versions and the metadata, for good; silent when nothing is there."""
        await self._kv.delete_metadata_and_all_versions(address.path, mount_point=self._mount)

    async def children(self, path: str) -> list[str]:
        """The names right below `path`, folders with a trailing `/`; empty when there are none."""
        try:
            _, content = await self._session.send("LIST", self._mount, "metadata", path)
        except NotFound:
            return []
        return decode_data(content, Listing).keys

    async def tree(self, path: str) -> list[tuple[Address, Metadata]]:
        """Every entry below `path` ("": the whole mount) with its metadata, in one request where there is a way."""
        if await self._session.vault.kind() is ServerKind.OPENBAO:
            # Invalid: an OpenBao from before `detailed-metadata`. NotAllowed: policies written for HashiCorp Vault.
            # Unreachable: OpenBao 2.7 drops the connection (a nil pointer in its scan) when an entry is removed
            # between its listing and its look at the entry.
            try:
                return await self._scan(path)
            except TimedOut:
                raise
            except (Invalid, NotAllowed, Unreachable):
                pass
        return await self._walk(path)

    async def _scan(self, path: str) -> list[tuple[Address, Metadata]]:
        segments = [self._mount, "detailed-metadata", *([path] if path else [])]
        try:
            _, content = await self._session.send("SCAN", *segments)
        except NotFound:
            return []
        prefix = f"{path}/" if path else ""
        found = []
        try:
            for name, raw in decode_data(content, Listing).key_info.items():
                if not name.endswith("/"):  # a folder repeats the metadata of a leaf of the same name
                    found.append((Address(prefix + name), msgspec.json.decode(raw, type=Metadata)))
        except msgspec.DecodeError:
            raise unreadable() from None
        return found

    async def _walk(self, path: str) -> list[tuple[Address, Metadata]]:
        gate = asyncio.Semaphore(FAN_OUT)

        async def read(address: Address) -> tuple[Address, Metadata] | None:
            async with gate:
                try:
                    return address, await self.metadata(address)
                except NotFound:  # removed between the listing and the look
                    return None

        async def folder(inner: str) -> list[str]:
            async with gate:
                names = await self.children(inner)
            prefix = f"{inner}/" if inner else ""
            below = await asyncio.gather(*(folder(prefix + name[:-1]) for name in names if name.endswith("/")))
            return [prefix + name for name in names if not name.endswith("/")] + [
                leaf for part in below for leaf in part
            ]

        addresses = [Address(leaf) for leaf in await folder(path)]
        return [entry for entry in await asyncio.gather(*map(read, addresses)) if entry]


def _as_secrets(fields: Mapping[str, object]) -> dict[str, SecretStr]:
    """Fields as text: the CLI can write numbers and objects."""
    return {
        name: SecretStr(value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in fields.items()
    }
