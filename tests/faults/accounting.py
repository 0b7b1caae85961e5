"""What was asked for against what happened: nothing lost, nothing twice, nothing out of order.

Every publish and every command ends as one of three: `ok` (it was answered with success), `failed` (it was answered with a
refusal) or `unknown` (no answer: a time-out, a broken connection). After the fault everything is drained, and what took
effect is compared with it: `ok` must have happened once, `failed` never, `unknown` may be either but not both, and what happened
must have happened in the order of its stream.

    account = Account("relay: after publish, before delete")
    with account.attempt("candidate/1", "c1"):      # ok when the block ends, unknown when it raises OSError or TimeoutError
        publish(...)
    result = account.compare(observed)              # observed: (stream, key) in the order in which they took effect
    record(result, control=control_result, safeguard="...")
    result.require_sound()
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FAULTS = Path(__file__).resolve().parents[2] / "build" / "faults.json"

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


class Unsound(AssertionError):
    """Something was lost, doubled, out of order or never asked for."""


@dataclass(frozen=True)
class Result:
    """Keys by what became of them. `accepted` counts what was answered with success, `unknown` what was not answered."""

    case: str
    accepted: int
    unknown: int
    lost: tuple[str, ...]  # ok, and has not happened
    doubled: tuple[str, ...]  # happened more than once
    out_of_order: tuple[str, ...]  # ok, and happened after something that was asked for later in the same stream
    unexpected: tuple[str, ...]  # happened although refused, or although nobody asked, or in another stream

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.unexpected)

    def require_sound(self) -> None:
        if not self.sound:
            raise Unsound(str(self))

    def counts(self) -> dict[str, int]:
        return {
            "accepted": self.accepted,
            "unknown": self.unknown,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "out_of_order": len(self.out_of_order),
            "unexpected": len(self.unexpected),
        }

    def __str__(self) -> str:
        parts = [f"{self.case}: {self.accepted} accepted, {self.unknown} unknown"]
        for name in ("lost", "doubled", "out_of_order", "unexpected"):
            if keys := getattr(self, name):
                parts.append(f"{len(keys)} {name.replace('_', ' ')}: {', '.join(keys[:10])}{' …' if len(keys) > 10 else ''}")
        return "; ".join(parts)


@dataclass
class Account:
    """The attempts of one case. Attempts of one stream are made one after the other; streams may run side by side."""

    case: str
    _outcomes: dict[str, str] = field(default_factory=dict)
    _order: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _stream: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, stream: str, key: str) -> None:
        """Asked for; `unknown` until its end is noted, so that an attempt which dies with its process counts as that."""
        with self._lock:
            if self._stream.setdefault(key, stream) != stream:
                raise ValueError(f"{key} was asked for in {self._stream[key]}, now in {stream}")
            if key not in self._outcomes:
                self._order[stream].append(key)
            # Asked for again under the same key after no answer: a success of either attempt is a success.
            if self._outcomes.get(key, UNKNOWN) != UNKNOWN:
                raise ValueError(f"{key} was answered already")
            self._outcomes[key] = UNKNOWN

    def end(self, key: str, outcome: str) -> None:
        if outcome not in (OK, FAILED, UNKNOWN):
            raise ValueError(outcome)
        with self._lock:
            self._outcomes[key] = outcome

    def ok(self, stream: str, key: str) -> None:
        self.begin(stream, key)
        self.end(key, OK)

    @contextlib.contextmanager
    def attempt(
        self,
        stream: str,
        key: str,
        *,
        failed: tuple[type[Exception], ...] = (),
        unknown: tuple[type[Exception], ...] = (OSError,),
    ) -> Iterator[None]:
        """One attempt. `failed`: exceptions that are refusals; `unknown`: those that leave it open (time-outs, connections)."""
        self.begin(stream, key)
        try:
            yield
        except failed:
            self.end(key, FAILED)
        except unknown:
            self.end(key, UNKNOWN)
        else:
            self.end(key, OK)

    def keys(self, outcome: str) -> list[str]:
        with self._lock:
            return [key for key, seen in self._outcomes.items() if seen == outcome]

    def asked(self) -> list[tuple[str, str]]:
        """(stream, key) of everything that was asked for."""
        with self._lock:
            return [(stream, key) for key, stream in self._stream.items()]

    def compare(self, observed: Iterable[tuple[str, str]]) -> Result:
        """`observed`: (stream, key) of everything that took effect, in the order in which it did."""
        effects = list(observed)
        times = Counter(key for _, key in effects)
        rank = {key: place for keys in self._order.values() for place, key in enumerate(keys)}
        highest: dict[str, int] = {}
        late: list[str] = []
        met: set[str] = set()
        for stream, key in effects:
            if key in met or self._stream.get(key) != stream:
                continue  # a second time is `doubled`, a stranger is `unexpected`; neither says anything about order
            met.add(key)
            # What was not answered may still have been under way when the next was asked for: it has no place in the order.
            if rank[key] < highest.get(stream, -1) and self._outcomes[key] == OK:
                late.append(key)
            highest[stream] = max(rank[key], highest.get(stream, -1))
        accepted = self.keys(OK)
        refused = set(self.keys(FAILED))
        return Result(
            case=self.case,
            accepted=len(accepted),
            unknown=len(self.keys(UNKNOWN)),
            lost=tuple(key for key in accepted if key not in times),
            doubled=tuple(key for key, count in times.items() if count > 1),
            out_of_order=tuple(late),
            unexpected=tuple(key for stream, key in effects if self._stream.get(key) != stream or key in refused),
        )


def record(result: Result, *, control: Result, safeguard: str, path: Path = FAULTS) -> None:
    """Writes or replaces the case in build/faults.json. `control` is the same test with `safeguard` switched off.

    Raises Unsound when the control found nothing: then the case proves nothing.
    """
    entry = {"case": result.case} | result.counts() | {"control": {"without": safeguard} | control.counts()}
    _merge(path, entry)
    if not (control.lost or control.doubled or control.out_of_order):
        raise Unsound(f"{result.case}: without its safeguard ({safeguard}) nothing went wrong either; it tests nothing")


def _merge(path: Path, entry: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        # Two runs side by side would otherwise write over each other's cases.
        fcntl.flock(lock, fcntl.LOCK_EX)
        cases = json.loads(path.read_text()) if path.exists() else []
        others = [case for case in cases if case["case"] != entry["case"]]
        text = json.dumps(sorted([*others, entry], key=lambda case: str(case["case"])), ensure_ascii=False, indent=1)
        temporary = path.with_suffix(".new")
        temporary.write_text(text + "\n")
        os.replace(temporary, path)
