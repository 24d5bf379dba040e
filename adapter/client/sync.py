"""The same calls for programs without asyncio: each waits for its answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import update_wrapper
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from adapter.client import AsyncClient
from adapter.client.retrieval import Told
from adapter.errors import Unreachable

P = ParamSpec("P")
R = TypeVar("R")


class _Portal:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="status-secrets", daemon=True)
        self._thread.start()
        self._closed = False
        self._changing = threading.Lock()

    def run(self, call: Callable[[], Awaitable[R]]) -> R:
        """Raises Unreachable when the portal is closed, also by another thread meanwhile."""
        with self._changing:
            if self._closed:
                raise _gone()
            future = asyncio.run_coroutine_threadsafe(_awaited(call), self._loop)
        try:
            return future.result()
        except CancelledError:
            raise _gone() from None
        except BaseException:
            future.cancel()  # Ctrl+C while waiting
            raise

    def close(self, last: Callable[[], Awaitable[None]] | None = None) -> None:
        """End what others wait for, await `last`, then end the thread. Raises what `last` raises."""
        with self._changing:
            if self._closed:
                return
            self._closed = True
        try:
            asyncio.run_coroutine_threadsafe(_end(last), self._loop).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


def _gone() -> Unreachable:
    return Unreachable("This client was closed.", hint="Make another one.")


async def _end(last: Callable[[], Awaitable[None]] | None) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    try:
        if last is not None:
            await last()
    finally:
        await asyncio.get_running_loop().shutdown_asyncgens()


async def _awaited(call: Callable[[], Awaitable[R]]) -> R:
    return await call()


def _waiting(call: Callable[Concatenate[Any, P], Awaitable[R]]) -> Callable[Concatenate[Client, P], R]:
    def wait(self: Client, /, *arguments: P.args, **options: P.kwargs) -> R:
        return self._portal.run(lambda: call(self._client, *arguments, **options))

    update_wrapper(wait, call)
    return wait


class Client:
    """As `AsyncClient`, and made with the same arguments. A context manager; safe to share between threads."""

    def __init__(self, base_url: str, **options: Any) -> None:
        self._portal = _Portal()
        try:
            self._client = self._portal.run(lambda: _made(base_url, options))
        except BaseException:
            self._portal.close()
            raise

    def __enter__(self) -> Self:
        try:
            self._portal.run(self._client.__aenter__)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the token that this client has signed in for, its connections, and what other threads wait for."""
        self._portal.close(self._client.aclose)

    @property
    def signed_in(self) -> bool:
        return self._client.signed_in

    def use(self, token: Any) -> None:
        self._client.use(token)

    def forget(self) -> None:
        self._client.forget()

    def changes(self, *, scope: str | None = None, after: str | None = None) -> Iterator[Told]:
        """New versions as they come, from the one after the id `after`; ends with the token."""
        stream = self._client.changes(scope=scope, after=after)
        try:
            while True:
                try:
                    yield self._portal.run(lambda: anext(stream))
                except StopAsyncIteration:
                    return
        finally:
            with suppress(Unreachable):  # the client was closed, and the stream with it
                self._portal.run(stream.aclose)

    add_component = _waiting(AsyncClient.add_component)
    add_forwarder = _waiting(AsyncClient.add_forwarder)
    add_person = _waiting(AsyncClient.add_person)
    auth_methods = _waiting(AsyncClient.auth_methods)
    begin_oidc = _waiting(AsyncClient.begin_oidc)
    can_i = _waiting(AsyncClient.can_i)
    check = _waiting(AsyncClient.check)
    compare = _waiting(AsyncClient.compare)
    components = _waiting(AsyncClient.components)
    create = _waiting(AsyncClient.create)
    create_key = _waiting(AsyncClient.create_key)
    decrypt = _waiting(AsyncClient.decrypt)
    delete = _waiting(AsyncClient.delete)
    delete_version = _waiting(AsyncClient.delete_version)
    destroy_version = _waiting(AsyncClient.destroy_version)
    diagnose = _waiting(AsyncClient.diagnose)
    disable = _waiting(AsyncClient.disable)
    doctor = _waiting(AsyncClient.doctor)
    edit = _waiting(AsyncClient.edit)
    enable = _waiting(AsyncClient.enable)
    encrypt = _waiting(AsyncClient.encrypt)
    end_oidc = _waiting(AsyncClient.end_oidc)
    events = _waiting(AsyncClient.events)
    export = _waiting(AsyncClient.export)
    find_leak = _waiting(AsyncClient.find_leak)
    generate = _waiting(AsyncClient.generate)
    give_temporary = _waiting(AsyncClient.give_temporary)
    grant = _waiting(AsyncClient.grant)
    grants = _waiting(AsyncClient.grants)
    health = _waiting(AsyncClient.health)
    hydrate = _waiting(AsyncClient.hydrate)
    import_secrets = _waiting(AsyncClient.import_secrets)
    investigate = _waiting(AsyncClient.investigate)
    keys = _waiting(AsyncClient.keys)
    log_state = _waiting(AsyncClient.log_state)
    login = _waiting(AsyncClient.login)
    login_with_approle = _waiting(AsyncClient.login_with_approle)
    login_with_token = _waiting(AsyncClient.login_with_token)
    logout = _waiting(AsyncClient.logout)
    me = _waiting(AsyncClient.me)
    new_password = _waiting(AsyncClient.new_password)
    people = _waiting(AsyncClient.people)
    raw_lines = _waiting(AsyncClient.raw_lines)
    remove_component = _waiting(AsyncClient.remove_component)
    remove_forwarder = _waiting(AsyncClient.remove_forwarder)
    remove_person = _waiting(AsyncClient.remove_person)
    render = _waiting(AsyncClient.render)
    renew = _waiting(AsyncClient.renew)
    repair = _waiting(AsyncClient.repair)
    report = _waiting(AsyncClient.report)
    report_page = _waiting(AsyncClient.report_page)
    resolve = _waiting(AsyncClient.resolve)
    retire_scope = _waiting(AsyncClient.retire_scope)
    revoke = _waiting(AsyncClient.revoke)
    rewrap = _waiting(AsyncClient.rewrap)
    roll_back = _waiting(AsyncClient.roll_back)
    rotate_component = _waiting(AsyncClient.rotate_component)
    rotate_key = _waiting(AsyncClient.rotate_key)
    save_scope = _waiting(AsyncClient.save_scope)
    scopes = _waiting(AsyncClient.scopes)
    secret = _waiting(AsyncClient.secret)
    secrets = _waiting(AsyncClient.secrets)
    send_log = _waiting(AsyncClient.send_log)
    stay_signed_in = _waiting(AsyncClient.stay_signed_in)
    take_temporary_back = _waiting(AsyncClient.take_temporary_back)
    temporary = _waiting(AsyncClient.temporary)
    undelete_version = _waiting(AsyncClient.undelete_version)
    unusual = _waiting(AsyncClient.unusual)
    value = _waiting(AsyncClient.value)
    verify_log = _waiting(AsyncClient.verify_log)
    versions = _waiting(AsyncClient.versions)
    who_can_use = _waiting(AsyncClient.who_can_use)
    wrapped_value = _waiting(AsyncClient.wrapped_value)


async def _made(base_url: str, options: dict[str, Any]) -> AsyncClient:
    return AsyncClient(base_url, **options)
