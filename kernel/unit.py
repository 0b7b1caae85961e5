"""The unit of work: one transaction of a command or a reaction.

What it writes, it writes together: the service's tables, journal entries, and for public entries the bytes ready to send.
Nothing else happens in a command.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from kernel import failpoints
from kernel.actor import Actor, Post, system
from kernel.bus.event import Event, EventType, body_of, headers_of
from kernel.context import Context
from kernel.encoding import canonical, instant
from kernel.errors import Forbidden, Invalid, Stale
from kernel.ids import new_id
from kernel.journal import journal
from kernel.journal.entry import GENESIS, Entry
from kernel.policy import Policy
from kernel.store.database import RINGS
from kernel.store.statements import insert_into
from kernel.store.tables import access_log, pending


@dataclass
class Unit:
    """One transaction. Commands get it with an actor and the roles their entrypoint is open to; reactions as the system."""

    context: Context
    connection: Connection
    actor: Actor
    correlation_id: str
    roles: Collection[str] | None = None  # None: the system itself, no scope to check
    post: Post | None = None
    _packs: set[str] = field(default_factory=set)
    _entries: list[tuple[Entry, str, dict[str, str]]] = field(default_factory=list)
    _pending: list[dict[str, Any]] = field(default_factory=list)
    _heads: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    _subject_keys: dict[str, AESGCM] = field(default_factory=dict)
    _checked: bool = False

    # -- who and by which rules

    @property
    def today(self) -> date:
        return self.context.clock.today()

    def authorise(self, path: str, among: Collection[str] | None = None) -> None:
        """Checks that the actor holds, today, one of the entrypoint's roles over the organisation at `path`.

        `among`: only these of the roles, where an entrypoint serves cases that are not everybody's.
        Raises `Forbidden`. A command that ends without this check is not committed.
        """
        self._checked = True
        if self.roles is None:
            return
        roles = self.roles if among is None else [role for role in self.roles if role in among]
        self.post = self.actor.post_for(roles, path, self.today)
        if self.post is None:
            raise Forbidden("您没有对该组织办理此事项的职务权限")

    def authorise_own(self, path: str, organisation: str, text: str = "此事项只能由该组织自己的工作人员办理") -> None:
        """As `authorise`, with a post at that very organisation, and none above it. Raises `Forbidden` with `text`."""
        self.authorise(path)
        if self.roles is None:
            return
        self.post = self.actor.post_at(self.roles, organisation, path, self.today)
        if self.post is None:
            raise Forbidden(text)

    def authorise_client(self, department: str) -> None:
        """Checks that the actor is the system of that department."""
        self._checked = True
        if self.actor.department != department:
            raise Forbidden("该凭证不属于此部门")

    def policy(self, city: str, on: date, county: str | None = None) -> Policy:
        """The rules in force on the day of a step. The packs are noted in the journal entries of this unit."""
        policy = self.context.policies.at(city, on, county)
        self._packs.update(policy.packs)
        return policy

    # -- the record

    def know_heads(self, keys: Sequence[tuple[str, str]]) -> None:
        """Reads the heads of many streams, (home county, stream), with one query, before recording on them."""
        known = journal.heads(self.connection, keys)
        self._heads.update({key: known.get(key, (0, GENESIS)) for key in keys})

    def know_subjects(self, subjects: Sequence[str]) -> None:
        """Makes or reads the keys of many persons at once, before recording on them or sealing for them."""
        self._subject_keys.update(self.context.keys.ensure(self.connection, subjects))

    def record(
        self,
        what: EventType | str,
        *,
        stream: str,
        expected: int | None,
        home_county: str,
        day: date,
        data: Mapping[str, Any],
        private: Mapping[str, Any] | None = None,
        subject: str | None = None,
        personal: Mapping[str, str] | None = None,
        cause: Event | None = None,
    ) -> int:
        """Appends an entry to the stream, and publishes it where `what` is a contract. Returns the new version.

        `expected` is the version the caller has seen: 0 for a stream to be born, None where the order does not matter.
        `day` is the day of the fact: the past is allowed and shown, the future refused (not that of a `cause`, which has happened:
        at midnight its publisher's clock may be ahead of this one). `data` is what is made public (or all,
        of a non-public entry), `private` stays in this service, `personal` is kept under the key of `subject`.
        """
        self._check_fact(what, data, day, cause)
        version, previous = self._head(home_county, stream, expected)
        commitments, sealed = self._seal(subject, personal) if personal else ({}, {})
        entry = Entry(
            home_county=home_county,
            stream=stream,
            version=version + 1,
            entry_id=new_id(),
            type=what.type if isinstance(what, EventType) else what,
            schema_version=what.version if isinstance(what, EventType) else 0,
            payload=canonical(data),
            private=canonical(private or {}),
            personal=canonical(commitments),
            subject=subject,
            actor=self.actor.account,
            post=self.post.id if self.post else None,
            packs=canonical(sorted(self._packs)),
            day=day,
            entered_at=self.context.clock.now(),
            correlation_id=cause.correlation_id if cause else self.correlation_id,
            previous_hash=previous,
        )
        hash = entry.hash()
        self._entries.append((entry, hash, sealed))
        self._heads[(home_county, stream)] = (entry.version, hash)
        if isinstance(what, EventType):
            self._pending.append(pending_row(self.context.service, what, entry, sealed))
        return entry.version

    def _check_fact(self, what: EventType | str, data: Mapping[str, Any], day: date, cause: Event | None) -> None:
        if day > self.today and (cause is None or day > cause.day):
            raise Invalid({"day": [f"日期 {day.isoformat()} 晚于今天 {self.today.isoformat()}"]})
        if isinstance(what, EventType):
            what.check(data)

    def _head(self, home_county: str, stream: str, expected: int | None) -> tuple[int, str]:
        key = (home_county, stream)
        if key not in self._heads:
            # A stream that is to be born needs no look: if somebody has been quicker, its key is taken.
            born = (0, GENESIS) if expected == 0 else journal.head(self.connection, home_county, stream)
            self._heads[key] = born
        version, _ = self._heads[key]
        if expected is not None and version != expected:
            raise Stale("此记录刚刚被他人更新，请刷新后重试")
        return self._heads[key]

    def seal(self, subject: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Ciphertexts for state tables, under the subject's key."""
        return self._seal(subject, fields)[1]

    def _seal(self, subject: str | None, fields: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        if subject is None:
            raise ValueError("personal fields need a subject")
        return self.context.keys.seal(self.connection, subject, fields, self._subject_keys.get(subject))

    def log_access(self, action: str, object: str, fields: Sequence[str]) -> None:
        """Notes a look at personal data."""
        log_access(self.connection, self.context, self.actor, self.post, action, object, fields, self.correlation_id)

    def finish(self) -> None:
        """Writes entries and pending rows. Raises `Stale` where a stream has moved on."""
        if self.roles is not None and not self._checked:
            raise RuntimeError("a command ended without a check of scope")
        journal.append(self.connection, self._entries)
        if self._pending:
            self.connection.execute(insert_into(pending), self._pending)
            self.connection.info[RINGS] = True
        self._entries, self._pending = [], []


def pending_row(service: str, what: EventType, entry: Entry, sealed: Mapping[str, str]) -> dict[str, Any]:
    """The bytes ready to send of a public entry; the same whether sent at once or republished years later."""
    headers = headers_of(
        event_id=entry.entry_id,
        source=service,
        type=entry.type,
        schema_version=entry.schema_version,
        stream=entry.stream,
        version=entry.version,
        home_county=entry.home_county,
        time=instant(entry.entered_at),
        correlation_id=entry.correlation_id,
    )
    shown = {name: box for name, box in sealed.items() if name in what.personal}
    return {
        "stream": entry.stream,
        "type": entry.type,
        "headers": canonical(headers),
        "body": body_of(entry.payload, entry.day, entry.subject if shown else None, shown),
    }


def log_access(
    connection: Connection,
    context: Context,
    actor: Actor,
    post: Post | None,
    action: str,
    object: str,
    fields: Sequence[str],
    correlation_id: str,
) -> None:
    """Writes who looked at which personal fields of what."""
    row = {
        "at": context.clock.wall(),
        "account": actor.account,
        "post": post.id if post else None,
        "action": action,
        "object": object,
        "fields": canonical(list(fields)),
        "correlation_id": correlation_id,
    }
    connection.execute(insert_into(access_log), row)


@contextmanager
def command(
    context: Context,
    actor: Actor | None = None,
    roles: Collection[str] | None = None,
    correlation_id: str | None = None,
) -> Iterator[Unit]:
    """Runs a command in one transaction. Without an actor it is the service itself (timers, imports by operators)."""
    failpoints.hit("command.before_transaction")
    with context.database.write() as connection:
        unit = Unit(context, connection, actor or system(context.service), correlation_id or new_id(), roles)
        yield unit
        unit.finish()
        failpoints.hit("command.before_commit")
    failpoints.hit("command.after_commit")
