"""State tables: what may be done in which state, by whom, under which rules, and where it leads.

    WARNING = StateTable(
        "预警",
        {ISSUED: "待签收", RECEIVED: "已签收"},
        rows((NEW,), "issue", ISSUERS, "warning.level order.future", ISSUED),
        rows((ISSUED,), "receive", WARNED, "order.future order.sequence", RECEIVED),
    )

Guards, the doors' roles, the actions shown with a case, `docs/states.md` and the tests read them. The rules are ids in the policy
packs; one that a city's packs do not know does not bind there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kernel.errors import Stale

#: The state of what does not exist yet.
NEW: Final = ""
#: Among the roles of a row: the system of a department, which comes in with credentials of its own and holds no post.
DEPARTMENT: Final = "department"


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `action` may be taken by `roles`, under `rules`, and leads to `next`, or where it depends to one of `others`.

    Without roles it is nobody's: it follows from the calendar or from what another service tells. `at`: at which organisation the
    actor's own post has to be, in the service's words; empty where any post above will do.
    """

    state: str
    action: str
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    next: str
    others: tuple[str, ...] = ()
    at: str = ""

    @property
    def ends(self) -> tuple[str, ...]:
        """All states that it may lead to."""
        return (self.next, *self.others)


def rows(
    states: Iterable[str],
    action: str,
    roles: Iterable[str],
    rules: str = "",
    next: str | None = None,
    *,
    others: Iterable[str] = (),
    at: str = "",
) -> tuple[Row, ...]:
    """The same action in several states. `rules`: ids with spaces between them. Without `next` the state stays."""
    return tuple(
        Row(state, action, tuple(roles), tuple(rules.split()), state if next is None else next, tuple(others), at)
        for state in states
    )


class StateTable:
    """The rows of one kind of thing, in the order in which people meet them. `title` and `names` are for people."""

    def __init__(self, title: str, names: Mapping[str, str], *groups: Iterable[Row]) -> None:
        self.title = title
        self.names = names
        self._rows = tuple(row for group in groups for row in group)
        self._by_key = {(row.state, row.action): row for row in self._rows}
        if len(self._by_key) < len(self._rows):
            raise ValueError(f"{title}: an action stands twice in one state")

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @property
    def states(self) -> tuple[str, ...]:
        """All states that something leads to."""
        return tuple(dict.fromkeys(state for row in self._rows for state in row.ends))

    def row(self, state: str, action: str) -> Row | None:
        """The row, or None where the action is not possible in that state."""
        return self._by_key.get((state, action))

    def step(self, state: str, action: str) -> Row:
        """The row. Raises `Stale` where the action is not possible in that state."""
        found = self.row(state, action)
        if found is None:
            raise Stale(f"{self.title}当前状态（{self.names.get(state, state)}）下不能办理此事项")
        return found

    def of(self, action: str) -> tuple[Row, ...]:
        """The action's rows, whatever the state. Raises KeyError for an action that is in none."""
        found = tuple(row for row in self._rows if row.action == action)
        if not found:
            raise KeyError(action)
        return found

    def roles(self, action: str) -> tuple[str, ...]:
        """Who may take the action by a post, in any state."""
        return tuple(dict.fromkeys(role for row in self.of(action) for role in row.roles if role != DEPARTMENT))

    def rules(self, action: str) -> tuple[str, ...]:
        """Under which rules the action is taken, in any state."""
        return tuple(dict.fromkeys(rule for row in self.of(action) for rule in row.rules))

    def actions(self, state: str) -> tuple[str, ...]:
        """What people may do in the state, in the table's order."""
        return tuple(row.action for row in self._rows if row.state == state and row.roles)
