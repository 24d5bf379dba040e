"""Why a secret may not be working, or somebody cannot get at it: looked at step by step, with what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.errors import NotAllowed, NotFound
from adapter.model.address import Address
from adapter.model.diagnosis import Diagnosis, Finding
from adapter.model.rights import CanI, Question, Verdict
from adapter.model.who import Kind, Who
from adapter.model.wire import SecretView
from adapter.service import components
from adapter.service.app import Act
from adapter.service.asking import can_i
from adapter.service.listing import view_secret
from adapter.service.refusals import place_of
from adapter.service.uses import Uses, newest_uses

ASK_ADMIN = "Ask an ADMIN."
ROTATE = "If it may have been seen by others, replace it at once and look at its audit events."


async def diagnose(act: Act, address: Address, who: Who | None) -> Diagnosis:
    """Everything that can be seen by the caller. Raises NotFound for a `who` that is not there, NotSignedIn."""
    findings = [await _scope(act, address)]
    try:
        secret = await view_secret(act, address)
    except NotFound:
        findings.insert(0, await _not_there(act))
    else:
        findings = [_there(), _version(secret), await _expiry(act, address, secret), *findings]
    findings += await _access(act, address, who)
    uses = await newest_uses(act, address.path, who)
    findings.append(_uses(uses))
    return Diagnosis(
        secret=address.id,
        address=address.path,
        who=str(who) if who else None,
        summary=_summary(findings),
        findings=findings,
        last_good=uses.good if uses else None,
        last_refused=uses.refused if uses else None,
        known_since=uses.since if uses else None,
    )


def _summary(findings: Sequence[Finding]) -> str:
    problems = [finding for finding in findings if finding.result == "problem"]
    if problems:
        return problems[0].message
    if any(finding.result == "unknown" and finding.check != "uses" for finding in findings):
        return "Nothing is wrong as far as you may see; an ADMIN sees the rest."
    return "Nothing is wrong that can be seen here: check whether the value itself is right, and update it if not."


async def _not_there(act: Act) -> Finding:
    if (await act.identity()).is_admin:
        return _problem(
            "there", "There is no such secret.", "It may have been deleted, renamed or moved: the audit view shows it."
        )
    return _problem(
        "there",
        "There is no such secret, or none that you may see.",
        "Check its name and scope; an ADMIN can say whether it exists and grant you its scope.",
    )


def _there() -> Finding:
    return Finding(check="there", result="ok", message="The secret is there.")


def _version(secret: SecretView) -> Finding:
    if secret.version == 0:
        return _problem("version", "The secret has no value yet.", "Update its value.")
    if secret.state in ("deleted", "destroyed"):
        undo = "Undelete it, or update the value." if secret.state == "deleted" else "Roll back, or update the value."
        return _problem("version", f"Its current version {secret.version} is {secret.state}.", undo)
    by = f" by {secret.changed_by}" if secret.changed_by else ""
    words = f"Version {secret.version} is current, of {secret.rotated_at}{by}."
    return Finding(check="version", result="ok", message=words, hint=ROTATE)


async def _expiry(act: Act, address: Address, secret: SecretView) -> Finding:
    if not secret.expired:
        until = f"It expires at {secret.expires_at}." if secret.expires_at else "It does not expire."
        return Finding(check="expiry", result="ok", message=until)
    scope = address.scope
    refused = scope is not None and await act.services.scope_settings.refuses_expired(act.session, scope)
    words = "and its scope hands out no expired secrets" if refused else "and is still handed out, marked as expired"
    return _problem(
        "expiry", f"It expired at {secret.expires_at}, {words}.", "Update its value, or its expiry if it is still good."
    )


async def _scope(act: Act, address: Address) -> Finding:
    scope = address.scope
    if scope is None:
        return _problem("scope", "It is outside every scope, so only ADMIN reaches it.", "Move it into a scope.")
    identity = await act.identity()
    role = "ADMIN" if identity.is_admin else identity.roles.get(str(scope))
    held = f"you are {role} there" if role else "you hold no role there"
    return Finding(
        check="scope",
        result="ok" if role else "problem",
        message=f"It is in {scope}; {held}.",
        hint="" if role else "An ADMIN can grant you a role in it.",
    )


async def _access(act: Act, address: Address, who: Who | None) -> list[Finding]:
    acts = ("use",) if who is not None and who.kind is Kind.COMPONENT else ("view", "use")
    questions = [Question(act=name, secret=address.path) for name in acts]
    try:
        stands = [await _component(act, who.name)] if who is not None and who.kind is Kind.COMPONENT else []
        verdicts = await can_i(act, CanI(acts=questions, **({"who": str(who)} if who else {})))
    except NotAllowed as error:
        return [_unknown("right", error.detail, ASK_ADMIN)]
    return [*stands, *_rights(verdicts, who, place_of(address))]


def _rights(verdicts: Sequence[Verdict], who: Who | None, place: str) -> list[Finding]:
    """For a person, that they may not read the value is as it should be."""
    subject = str(who) if who else "You"
    found = []
    for verdict in verdicts:
        notes = " ".join(verdict.notes or ())
        words = {"view": f"see secrets in {place}", "use": f"read the values in {place}"}[verdict.act]
        if verdict.allowed:
            found.append(Finding(check="right", result="ok", message=f"{subject} may {words}.", hint=notes))
        elif verdict.act == "use" and len(verdicts) > 1:
            found.append(
                Finding(
                    check="right",
                    result="ok",
                    message=f"{subject} may not {words}: people do not, components with the right use do.",
                    hint=verdict.ask_for or "",
                )
            )
        else:
            found.append(
                _problem("right", f"{subject} may not {words}. {_lacks(verdict)}", f"{verdict.ask_for} {notes}")
            )
    return found


def _lacks(verdict: Verdict) -> str:
    if verdict.missing is None:
        return ""
    where = "" if verdict.missing.scope == "*" else f" in {verdict.missing.scope}"
    return f"Missing: {verdict.missing.role}{where}."


async def _component(act: Act, name: str) -> Finding:
    """Whether it can sign in at all. Raises NotAllowed, NotFound."""
    found = {one.name: one for one in await components.list_components(act)}.get(name)
    if found is None:
        raise components.not_there()
    problems = {
        "disabled": ("The component is disabled.", "status-secrets components enable NAME lets it in again."),
        "unfinished": ("The component is only half there.", "Add it again, which finishes it."),
    }
    if found.state in problems:
        return _problem("signing_in", *problems[found.state])
    if not found.secret_ids:
        return _problem("signing_in", "It has no secret id to sign in with.", "Rotate it, and hand the new one over.")
    return Finding(check="signing_in", result="ok", message="The component can sign in.")


def _uses(uses: Uses | None) -> Finding:
    if uses is None:
        return _unknown("uses", "No audit log can be looked at here.", ASK_ADMIN)
    good, refused = uses.good, uses.refused
    if good is None and refused is None:
        return _unknown("uses", f"No use is known since {uses.since}.", "It may never have been asked for.")
    if refused is not None and (good is None or refused.time > good.time):
        last = f"the last good one was at {good.time}" if good else "none was good before"
        return _problem("uses", f"The last use, at {refused.time}, was refused; {last}.", "See what its right is.")
    when = good.time if good else ""
    return Finding(check="uses", result="ok", message=f"The last use, at {when}, was good.")


def _problem(check: str, message: str, hint: str) -> Finding:
    return Finding(check=check, result="problem", message=message, hint=hint.strip())


def _unknown(check: str, message: str, hint: str) -> Finding:
    return Finding(check=check, result="unknown", message=message, hint=hint)
