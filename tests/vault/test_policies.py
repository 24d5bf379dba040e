"""Policy text, against golden files for both servers. `python tests/vault/test_policies.py` writes them anew."""

from pathlib import Path

import pytest

from adapter.model.address import Scope
from adapter.model.roles import Role, act_move_policy_name, act_policy_name, held_roles, parse_policy_name, policy_name
from adapter.vault import policies
from adapter.vault.policies import Layout
from adapter.vault.session import ServerKind

GOLDEN = Path(__file__).parent / "golden"
SCOPES = [Scope.parse(text) for text in ("global", "environment/production", "service/billing", "custom/team-a")]


def texts(server: ServerKind) -> dict[str, str]:
    layout = Layout()
    found = {
        policy_name(role, scope): policies.role_policy(role, scope, server, layout)
        for role in (Role.USER, Role.DEVELOPER, Role.USE)
        for scope in SCOPES
    }
    found |= {act_policy_name(scope): policies.act_policy(scope, server, layout) for scope in SCOPES}
    found |= {act_move_policy_name(scope): policies.act_move_policy(scope, server, layout) for scope in SCOPES}
    found["status-admin"] = policies.admin_policy(SCOPES, server, layout)
    found["status-component"] = policies.component_policy(server)
    found["status-forward"] = policies.forward_policy(server, layout)
    found["status-adapter"] = policies.adapter_policy(server, layout)
    found["status-adapter-jwt-admin"] = policies.jwt_admin_policy(server)
    return {f"{server}/{name}.hcl": text for name, text in found.items()}


@pytest.mark.parametrize("server", ServerKind)
def test_policies_are_those_of_the_golden_files(server: ServerKind) -> None:
    now = texts(server)
    assert {str(p.relative_to(GOLDEN)) for p in (GOLDEN / server).glob("*.hcl")} == set(now)
    for name, text in now.items():
        assert text == (GOLDEN / name).read_text(), name


def test_hashicorp_vault_gets_no_capability_that_its_parser_refuses() -> None:
    for text in texts(ServerKind.VAULT).values():
        assert '"scan"' not in text
        assert "detailed-metadata" not in text


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("role", [Role.USER, Role.DEVELOPER, Role.USE])
def test_a_policy_name_tells_role_and_scope(role: Role, scope: Scope) -> None:
    assert parse_policy_name(policy_name(role, scope)) == (role, scope)


def test_foreign_policies_are_no_roles() -> None:
    for name in ("default", "root", "status-", "status-user-", "status-user-x", "status-act-global", "status-adapter"):
        assert parse_policy_name(name) is None


def test_the_highest_role_in_a_scope_counts() -> None:
    held = held_roles(["status-user-global", "status-developer-global", "status-use-custom-a", "default"])
    assert held == {"global": Role.DEVELOPER, "custom/a": Role.USE}


if __name__ == "__main__":
    for kind in ServerKind:
        for file, content in texts(kind).items():
            (GOLDEN / file).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / file).write_text(content)
