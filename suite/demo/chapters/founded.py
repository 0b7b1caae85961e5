"""The prepared state in which chapters begin: the divisions, rolls and posts of both cities, made once and copied."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from suite.demo.ground import prepared
from suite.demo.narrator import Narrator
from suite.demo.registering import Town

#: Where prepared states are kept, one for each state of the code that makes it.
STATES = Path("build/demo-states")
_TOWN = "town.pickle"
_ROOT = Path(__file__).resolve().parents[3]


def founded(into: Path, seed: int, narrator: Narrator, states: Path = STATES) -> Town:
    """Fills the empty directory `into` with the state, which is made first where there is none of this code. Returns its town."""
    from suite.demo.acts import FOUNDED, found_town

    state = states / f"founded-{_digest()}-{seed}"
    if not state.exists():
        narrator.progress("准备：两市的组织、名册与岗位")
        _forget_older(states)
        making = Path(mkdtemp(prefix="making-", dir=states))
        with prepared(making, FOUNDED, seed) as ground:
            town = found_town(ground, Narrator(quiet=True), seed)
        (making / _TOWN).write_bytes(pickle.dumps(town))
        with suppress(OSError):  # somebody else has made it beside us: the same
            making.rename(state)
        shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(state, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns(_TOWN))
    # Written a moment ago by this very code, or by the same on another day.
    made: Town = pickle.loads((state / _TOWN).read_bytes())
    return made


def _forget_older(states: Path) -> None:
    """What other code has made; somebody who is making one beside us is left alone."""
    states.mkdir(parents=True, exist_ok=True)
    for old in states.glob("founded-*"):
        shutil.rmtree(old)


def _digest() -> str:
    """Of all code and packs on which the state rests."""
    digest = hashlib.sha256()
    for place in ("kernel", "contracts", "policies", "services", "suite"):
        for file in sorted((_ROOT / place).rglob("*")):
            if file.suffix in (".py", ".yaml", ".csv") and "tests" not in file.parts:
                digest.update(f"{file.relative_to(_ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
