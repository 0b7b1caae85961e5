"""What a query gets to read with: a connection, who asks, and the duty to check whether they may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, tuple_

from kernel.actor import Actor, Post
from kernel.context import Context
from kernel.errors import Forbidden, NotFound
from kernel.http.pages import Cursors, limit_of
from kernel.policy import Policy
from kernel.store.statements import row_by
from kernel.unit import log_access


@dataclass
class Reader:
    """One query. A query that ends without `authorise`, `authorise_client` or `paths` having been asked is not answered.

    `params` are the checked parameters of the query string.
    """

    context: Context
    connection: Connection
    actor: Actor
    roles: Collection[str] | None  # None: open to anybody
    correlation_id: str
    params: Mapping[str, Any]
    path: str
    cursors: Cursors
    given: Mapping[str, Any] = field(default_factory=dict)  # the query string's parameters as they came
    post: Post | None = None
    _checked: bool = False
    _paged: bool = False
    _looks: list[tuple[str, str, Sequence[str]]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.context.clock.today()

    def policy(self, city: str, on: date, county: str | None = None) -> Policy:
        return self.context.policies.at(city, on, county)

    # -- who may look

    def authorise(self, path: str) -> None:
        """Checks that the actor holds, today, one of the query's roles over the organisation at `path`.

        Raises `Forbidden`.
        """
        self._checked = True
        if self.roles is None:
            return
        self.post = self.actor.post_for(self.roles, path, self.today)
        if self.post is None:
            raise Forbidden("您没有查看该组织此类信息的职务权限")

    def authorise_own(self, path: str, organisation: str, text: str) -> None:
        """As `authorise`, with a post at that very organisation, and none above it. Raises `Forbidden` with `text`."""
        self.authorise(path)
        self.post = self.actor.post_at(self.roles or (), organisation, path, self.today)
        if self.post is None:
            raise Forbidden(text)

    def authorise_client(self, department: str) -> None:
        """Checks that the actor is the system of that department."""
        self._checked = True
        if self.actor.department != department:
            raise Forbidden("该凭证不属于此部门")

    def paths(self) -> list[str]:
        """The subtrees that the actor may see, to filter a list by. Never empty for an account that got in."""
        self._checked = True
        return self.actor.paths(self.roles or (), self.today)

    def log_access(self, action: str, object: str, fields: Sequence[str]) -> None:
        """Notes a look at personal data. It is written after the reading, and before anything is answered."""
        self._looks.append((action, object, tuple(fields)))

    # -- rows

    def find(self, table: Table, column: str, value: str) -> Row[Any]:
        """One row by its id. Raises `NotFound`."""
        row = self.connection.execute(row_by(table, column), {"value": value}).first()
        if row is None:
            raise NotFound("没有这条记录")
        return row

    def page(
        self,
        query: Select[Any],
        keys: Sequence[ColumnElement[Any]],
        item: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
        *,
        descending: bool = False,
    ) -> dict[str, Any]:
        """A page of `query`, in the order of `keys`, which are unique together, never null, and compare alike in SQL.

        `item` makes an item of a row's columns. Returns {items, next}: `next` is the address of the next page or None.
        """
        self._paged = True
        limit = limit_of(self.given)
        filters = sorted((name, value) for name, value in self.given.items() if name not in ("cursor", "limit"))
        place = f"{self.path}?{urlencode(filters, doseq=True)}"
        key = tuple_(*keys)
        if (cursor := self.given.get("cursor")) is not None:
            values = self.cursors.read(place, cursor)
            query = query.where(key < values if descending else key > values)
        order = [column.desc() if descending else column.asc() for column in keys]
        labels = [column.label(f"_key_{number}") for number, column in enumerate(keys)]
        # One more than asked for tells whether there is a next page.
        found = list(self.connection.execute(query.add_columns(*labels).order_by(*order).limit(limit + 1)).mappings())
        following = None
        if len(found) > limit:
            found = found[:limit]
            cursor = self.cursors.make(place, [found[-1][label.name] for label in labels])
            following = f"{quote(self.path)}?{urlencode([*filters, ('limit', limit), ('cursor', cursor)], doseq=True)}"
        items = [item({name: value for name, value in row.items() if not str(name).startswith("_key_")}) for row in found]
        return {"items": items, "next": following}

    # -- the end

    def finish(self, paged: bool) -> None:
        """Raises RuntimeError where the query forgot a duty."""
        if self.roles is not None and not self._checked:
            raise RuntimeError("a query ended without a check of scope")
        if paged != self._paged:
            raise RuntimeError("a paged query answers with reader.page(), and no other does")

    def write_looks(self) -> None:
        """Writes the looks in a transaction of its own, when the reading connection has been given back."""
        if not self._looks:
            return
        with self.context.database.write() as connection:
            for action, object, fields in self._looks:
                log_access(connection, self.context, self.actor, self.post, action, object, fields, self.correlation_id)
