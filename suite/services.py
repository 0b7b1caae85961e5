"""Which services are installed. The only list of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from kernel.bus.event import EventType
from kernel.bus.reaction import Reactions


@dataclass(frozen=True)
class Installed:
    """A service: its name and the offset of its port from the base port. Its modules are loaded when asked for."""

    name: str
    port_offset: int

    @property
    def service_class(self) -> type:
        return next(
            value
            for value in vars(self._module("service")).values()
            if isinstance(value, type) and getattr(value, "name", None) == self.name
        )

    @property
    def reactions(self) -> Reactions:
        reactions: Reactions = self._module("reactions").REACTIONS
        return reactions

    @property
    def metadata(self) -> Any:
        return self._module("tables").metadata

    @property
    def migrations(self) -> Path:
        return Path(str(files(f"services.{self.name}"))) / "migrations"

    @property
    def states(self) -> Any:
        return import_module(f"services.{self.name}.domain.states")

    @property
    def contracts(self) -> tuple[EventType, ...]:
        events: tuple[EventType, ...] = import_module(f"contracts.{self.name}").ALL
        return events

    def prepare(self) -> None:
        """What the service checks before it starts, where it has settings of its own. Raises `SettingsError`."""
        check = getattr(self._module("service"), "prepare", None)
        if check is not None:
            check()

    def port(self, base: int) -> int:
        return base + self.port_offset

    def _module(self, room: str) -> Any:
        return import_module(f"services.{self.name}.{room}")


INSTALLED = (
    Installed("registry", 1),
    Installed("recruitment", 2),
    Installed("vetting", 3),
    Installed("scoring", 4),
    Installed("alerts", 5),
    Installed("organizers", 6),
)
BY_NAME = {service.name: service for service in INSTALLED}

#: The departments' own system, which is not ours; in development it plays all of them.
DEPARTMENT_PORT_OFFSET = 50


def subscriptions() -> dict[str, dict[str, frozenset[str]]]:
    """Event types heard, by consumer and publishing service."""
    return {service.name: dict(service.reactions.subscriptions) for service in INSTALLED}
