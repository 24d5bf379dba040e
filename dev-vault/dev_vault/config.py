"""The server's configuration, written anew at each start from `server.hcl` in this package."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from dev_vault.address import Listen, free_loopback_port
from dev_vault.layout import DataFolder, explained, write_private


def render(listen: Listen, cluster_port: int) -> str:
    """The configuration text. `cluster_port` is on loopback: the one node talks to nobody else."""
    template = Template((files("dev_vault") / "server.hcl").read_text(encoding="utf-8"))
    return template.substitute(
        api_address=str(listen.reached_at), listen_address=str(listen), cluster_address=f"127.0.0.1:{cluster_port}"
    )


def write_config(folder: DataFolder, listen: Listen) -> None:
    """Raises SetupFailed."""
    with explained(folder.root):
        write_private(folder.config, render(listen, free_loopback_port()).encode())
