"""People and components: who there is, adding and removing them, disabling them at once."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.access import (
    ComponentAdd,
    ComponentRotate,
    ComponentView,
    Credentials,
    PersonAdd,
    PersonPassword,
    PersonSaved,
    PersonView,
    Switch,
    Switched,
)
from adapter.model.who import Who
from adapter.model.wire import Reasoned
from adapter.service import components, people, switching

router = APIRouter(tags=["access"])

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/components")
async def list_components(act: SignedInAct) -> list[ComponentView]:
    """Every component, the scopes in which it holds USE, and how it stands."""
    return await components.list_components(act)


@router.post("/components", status_code=201)
async def add_component(act: SignedInAct, body: ComponentAdd, response: Response) -> Credentials:
    """Add a component; its secret id is handed over wrapped, for whoever unwraps it first."""
    response.headers.update(NO_STORE)
    return await components.add_component(with_reason(act, body.reason), body)


@router.delete("/components/{name}", status_code=204)
async def remove_component(act: SignedInAct, name: str, body: Reasoned | None = None) -> None:
    """Remove a component with its secret ids, tokens and grants."""
    await components.remove_component(with_reason(act, body.reason if body else None), name)


@router.post("/components/{name}/rotate")
async def rotate_component(
    act: SignedInAct, name: str, response: Response, body: ComponentRotate | None = None
) -> Credentials:
    """A new secret id, wrapped; every earlier one and every token of the component is revoked."""
    response.headers.update(NO_STORE)
    body = body or ComponentRotate()
    return await components.rotate_component(with_reason(act, body.reason), name, body.ttl)


@router.get("/people")
async def list_people(act: SignedInAct) -> list[PersonView]:
    """Everybody who can sign in with a user name, and everybody else whom the vault knows."""
    return await people.list_people(act)


@router.post("/people", status_code=201)
async def add_person(act: SignedInAct, body: PersonAdd, response: Response) -> PersonSaved:
    """Add somebody who signs in with a user name; they hold no role yet."""
    response.headers.update(NO_STORE)
    return await people.add_person(with_reason(act, body.reason), body)


@router.post("/people/{name}/password")
async def new_password(
    act: SignedInAct, name: str, response: Response, body: PersonPassword | None = None
) -> PersonSaved:
    """Replace somebody's password; without one, one is made and shown this once."""
    response.headers.update(NO_STORE)
    body = body or PersonPassword()
    return await people.new_password(with_reason(act, body.reason), name, body.password)


@router.delete("/people/{name}", status_code=204)
async def remove_person(act: SignedInAct, name: str, body: Reasoned | None = None) -> None:
    """Remove somebody with their user name, tokens and grants."""
    await people.remove_person(with_reason(act, body.reason if body else None), name)


@router.post("/access/disable")
async def disable(act: SignedInAct, body: Switch) -> Switched:
    """Refuse a person, account or component from now on, and revoke their tokens."""
    return await switching.disable(with_reason(act, body.reason), Who.parse(body.who))


@router.post("/access/enable")
async def enable(act: SignedInAct, body: Switch) -> Switched:
    """Let them sign in again."""
    return await switching.enable(with_reason(act, body.reason), Who.parse(body.who))
