"""Reactions: what a service does when it hears of something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from kernel.bus.event import Event, EventType
from kernel.unit import Unit

#: One function per event type heard: the transaction, and the events of that type, each of another stream.
Reaction = Callable[[Unit, Sequence[Event]], None]


class Reactions:
    """A service's reactions by event type, filled with the decorator `hears` in its `reactions.py`."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], Reaction] = {}
        self._versions: dict[tuple[str, str], int] = {}

    def hears(self, *events: EventType) -> Callable[[Reaction], Reaction]:
        """Registers the reaction to one or several types.

        It is called once per event, and from the queues in the order of the stream. But a refill may bring an event *late*: after
        later ones of its stream, which were heard while it was lost or its type was not subscribed to yet. So a reaction owes this:

        - What tells a whole replaces only what an older version has told (a version in the row, compared in the upsert).
        - What tells a part has a guard of its own: the row's version, raised by another part, would swallow a late one.
        - What ends or changes something must not be lost on somebody unknown here, for his beginning may still come: it keeps what
          it was told, or raises `Waiting(event.stream)`. It lets go only of what can have no beginning here.
        - What has only a place in time (an entry in a dossier, a notice) goes by its day, not by the order of hearing.
        """

        def register(reaction: Reaction) -> Reaction:
            for event in events:
                if event.key in self._by_key:
                    raise ValueError(f"two reactions to {event.key}")
                self._by_key[event.key] = reaction
                self._versions[event.key] = event.version
            return reaction

        return register

    def get(self, source: str, type: str) -> Reaction | None:
        return self._by_key.get((source, type))

    def version(self, source: str, type: str) -> int:
        """The newest schema version that the reaction understands."""
        return self._versions[(source, type)]

    @property
    def subscriptions(self) -> Mapping[str, frozenset[str]]:
        """Event types heard, by publishing service."""
        sources = {source for source, _ in self._by_key}
        return MappingProxyType(
            {source: frozenset(type for other, type in self._by_key if other == source) for source in sources}
        )
