"""The departments' system as the demo and the journey tests steer it: what it is to answer, and what it has seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass
class Departments:
    """`address` of the process `xinhuo department`; `wait` is called between tries. For the script see `suite.department`."""

    address: str
    wait: Callable[[], object] = lambda: time.sleep(0.02)
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.trust_env = False

    def script(self, rules: Sequence[dict[str, Any]]) -> None:
        """What it answers from now on, the first rule that fits; what no rule fits is clear."""
        self._session.post(f"{self.address}/control/script", json=list(rules), timeout=10).raise_for_status()

    def release(self) -> None:
        """Lets held answers go."""
        self._session.post(f"{self.address}/control/release", json={}, timeout=10).raise_for_status()

    def seen(self) -> dict[str, Any]:
        answer = self._session.get(f"{self.address}/control/seen", timeout=10)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def wait_until_up(self, seconds: float) -> None:
        """Raises TimeoutError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self._session.get(f"{self.address}/healthz", timeout=2).ok:
                    return
            except requests.ConnectionError:
                self.wait()
        raise TimeoutError("the departments' system does not answer")
