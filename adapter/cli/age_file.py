"""The lines of a backup in an age file (https://age-encryption.org), in the clear in memory alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyrage

from adapter.errors import Exists, Invalid, SetupFailed
from adapter.memory import wipe
from adapter.model.backup import Line, decode_line, encode_line

WAITING_LINES = 4


class FileExists(Exists):
    title = "File already exists"


class NotWritten(SetupFailed):
    title = "Cannot write"


def recipients(texts: Iterable[str], files: Iterable[Path]) -> list[Any]:
    """To whom a backup is encrypted: `age1…` or an SSH public key; a line each in a file. Raises Invalid."""
    lines = [*texts, *(line for file in files for line in _lines(file))]
    if not lines:
        raise Invalid("A backup needs somebody who can open it.", hint="Give --recipient age1…, from age-keygen.")
    return [_recipient(line) for line in lines]


def _recipient(text: str) -> Any:
    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except pyrage.RecipientError:
        pass  # its words may repeat what was meant to be secret
    raise Invalid(
        "A recipient is neither an age nor an SSH public key.",
        hint="It looks like age1… (age-keygen -y FILE prints it) or ssh-ed25519 …",
    )


def identities(file: Path) -> list[Any]:
    """The private keys in an age identity file, or the SSH key that it is. Raises Invalid."""
    lines = _lines(file)
    try:
        if lines and lines[0].startswith("-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(file.read_bytes())]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError:
        found = []
    if found:
        return found
    hint = "It holds AGE-SECRET-KEY-1… as age-keygen wrote it, or an SSH private key without a passphrase."
    raise Invalid("The identity file holds no key that can be used.", hint=hint)


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"{file} cannot be read.", hint="Check its path, and who may read it.") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


async def encrypt(lines: AsyncIterator[Line], file: Path, to: list[Any]) -> None:
    """Write the lines into a new file, there only when it is whole. Raises FileExists, NotWritten, as the lines do."""
    part = file.with_name(file.name + ".part")
    source = _Source(lines, asyncio.get_running_loop())
    try:
        await asyncio.to_thread(_encrypt, source, part, file, to)
    except OSError as error:
        raise NotWritten(f"{file} cannot be written ({error.strerror}).", hint="Choose another place.") from None
    except pyrage.EncryptError:
        raise source.failed or NotWritten("The backup could not be encrypted.", hint="Repeat it.") from None


def _encrypt(source: _Source, part: Path, file: Path, to: list[Any]) -> None:
    if file.exists():
        raise FileExists(
            f"{file} is there already.", hint="Choose another name, with the date in it: a backup replaces none."
        )
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            pyrage.encrypt_io(source, out, to)
            out.flush()
            os.fsync(descriptor)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


class _Source:
    """A file to read from, in age's thread, that asks the event loop for the next line."""

    def __init__(self, lines: AsyncIterator[Line], loop: asyncio.AbstractEventLoop) -> None:
        self._lines = lines
        self._loop = loop
        self._buffer = bytearray()
        self._at = 0
        self.failed: BaseException | None = None

    def read(self, size: int) -> bytes:
        if self._at == len(self._buffer):
            wipe(self._buffer)
            self._buffer, self._at = self._next(), 0
        part = bytes(memoryview(self._buffer)[self._at : self._at + size])
        self._at += len(part)
        return part

    def _next(self) -> bytearray:
        try:
            return asyncio.run_coroutine_threadsafe(self._pull(), self._loop).result()
        except BaseException as error:
            self.failed = error
            raise

    async def _pull(self) -> bytearray:
        async for line in self._lines:
            return encode_line(line)
        return bytearray()


async def decrypt(file: Path, keys: list[Any]) -> AsyncGenerator[Line, None]:
    """The lines of a backup. Raises Invalid for one that these keys do not open, or that is damaged or cut off."""
    waiting: asyncio.Queue[bytearray | None] = asyncio.Queue(WAITING_LINES)
    sink = _Sink(waiting, asyncio.get_running_loop())
    task = asyncio.create_task(_pump(file, sink, keys))
    try:
        while (text := await waiting.get()) is not None:
            line = decode_line(text)
            wipe(text)
            yield line
        await task
    finally:
        sink.closed = True
        while not task.done():
            with suppress(asyncio.QueueEmpty):
                waiting.get_nowait()
            await asyncio.sleep(0.01)
        with suppress(Invalid):
            await task


async def _pump(file: Path, sink: _Sink, keys: list[Any]) -> None:
    try:
        await asyncio.to_thread(_decrypt, file, sink, keys)
    finally:
        await sink.end()


def _decrypt(file: Path, sink: _Sink, keys: list[Any]) -> None:
    try:
        with file.open("rb") as source:
            pyrage.decrypt_io(source, sink, keys)
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise Invalid("The identity does not open this backup.", hint="Give one that it was made for.") from None
        raise _damaged() from None
    except OSError:
        raise _damaged() from None


def _damaged() -> Invalid:
    return Invalid("The backup cannot be read: it is no age file, damaged or cut off.", hint="Use another copy of it.")


class _Sink:
    """A file to write to, in age's thread, that hands each whole line to the event loop."""

    def __init__(self, waiting: asyncio.Queue[bytearray | None], loop: asyncio.AbstractEventLoop) -> None:
        self._waiting = waiting
        self._loop = loop
        self._rest = bytearray()
        self.closed = False

    def write(self, data: bytes) -> int:
        if self.closed:
            raise OSError("nobody reads any more")
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._rest += line
            asyncio.run_coroutine_threadsafe(self._waiting.put(self._rest), self._loop).result()
            self._rest = bytearray()
        self._rest += rest
        return len(data)

    def flush(self) -> None:
        pass

    async def end(self) -> None:
        if self._rest:
            await self._waiting.put(self._rest)
        await self._waiting.put(None)
