"""What the data folder says about itself: its format, who wrote it, whether its first start was finished."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto

from adapter.errors import SetupFailed
from dev_vault.layout import CHOOSE_FOLDER, DataFolder, explained, write_private

FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """`openbao` is the version that ran last; `complete`: somebody was given the passwords."""

    format: int
    openbao: str
    created: str
    complete: bool


class Condition(Enum):
    EMPTY = auto()
    UNFINISHED = auto()
    COMPLETE = auto()


def examine(folder: DataFolder, openbao: str) -> Condition:
    """What a start finds. Raises SetupFailed for a folder that is not ours, or of a newer version."""
    state = read_state(folder)
    if state is None:
        if any(name != folder.lock.name for name in folder.names()):
            raise SetupFailed(
                f"The folder {folder.root} is not empty and was not made by STATUS Secrets.", hint=CHOOSE_FOLDER
            )
        return Condition.EMPTY
    if state.format > FORMAT:
        raise SetupFailed(
            f"The data folder {folder.root} was made by a newer STATUS Secrets (format {state.format}).",
            hint=f"Update this one. {CHOOSE_FOLDER}",
        )
    if _numbers(state.openbao) > _numbers(openbao):
        raise SetupFailed(
            f"The data folder {folder.root} was last run by OpenBao {state.openbao}; this is the older {openbao}.",
            hint=f"Update STATUS Secrets: an older server may harm the data. {CHOOSE_FOLDER}",
        )
    if state.complete:
        return Condition.COMPLETE
    if folder.foreign_names():
        raise SetupFailed(
            f"The first start in {folder.root} was not finished, and the folder holds files that are not ours.",
            hint=f"Move them elsewhere. {CHOOSE_FOLDER}",
        )
    return Condition.UNFINISHED


def read_state(folder: DataFolder) -> State | None:
    """None when there is none. Raises SetupFailed when it cannot be read."""
    try:
        content = json.loads(folder.state.read_bytes())
        return State(
            int(content["format"]), str(content["openbao"]), str(content["created"]), content["complete"] is True
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise SetupFailed(
            f"The file {folder.state} cannot be read, so the folder's condition is not known.",
            hint=f"Restore it from a backup. {CHOOSE_FOLDER}",
        ) from None


def begin(folder: DataFolder, openbao: str) -> None:
    """Mark the folder as ours, its first start not finished."""
    _write(folder, State(FORMAT, openbao, datetime.now(UTC).isoformat(timespec="seconds"), complete=False))


def mark_complete(folder: DataFolder) -> None:
    """From here on nothing is ever wiped."""
    _update(folder, complete=True)


def note_version(folder: DataFolder, openbao: str) -> None:
    """Remember that this version of the server ran on the data."""
    _update(folder, openbao=openbao)


def _update(folder: DataFolder, **changes: object) -> None:
    state = read_state(folder)
    if state is not None and (changed := replace(state, **changes)) != state:  # type: ignore[arg-type]
        _write(folder, changed)


def _write(folder: DataFolder, state: State) -> None:
    with explained(folder.root):
        write_private(folder.state, json.dumps(asdict(state), indent=2).encode() + b"\n")


def _numbers(version: str) -> tuple[int, ...]:
    """`2.7.2` as numbers; a pre-release counts as its release."""
    return tuple(int(part) for part in version.split("-")[0].split("+")[0].split(".") if part.isdigit())
