"""Erasing a person from what the destroyed key does not make unreadable: the digests under which people are found.

A column that holds such a digest carries `info={"blind_index": "<column with the subject>"}`; with `"shared": True` where the digest
does not belong to one person alone (a name). One person may be several subjects: a member, a candidate, somebody consented to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, delete, select, update


def same_person(
    connection: Connection, metadata: MetaData, digests: Collection[str], subjects: Collection[str]
) -> tuple[set[str], set[str]]:
    """Digests and subjects with those added that one service's tables show to belong to the same persons."""
    more, others = set(digests), set(subjects)
    for table, digest, subject in _indexes(metadata):
        if not digest.info.get("shared"):
            related = digest.in_(digests) | subject.in_(subjects)
            for found, whose in connection.execute(select(digest, subject).select_from(table).where(digest != "", related)):
                more.add(found)
                others.add(whose)
    return more, others


def forget(connection: Connection, metadata: MetaData, subjects: Collection[str]) -> None:
    """Takes the subjects' digests away: the row where it is there for the digest's sake, the digest elsewhere."""
    for table, digest, subject in _indexes(metadata):
        if digest.primary_key:
            connection.execute(delete(table).where(subject.in_(subjects)))
        else:
            connection.execute(update(table).where(subject.in_(subjects)).values({digest.name: ""}))


def _indexes(metadata: MetaData) -> Iterator[tuple[Table, Column[Any], Column[Any]]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if (subject := column.info.get("blind_index")) is not None:
                yield table, column, table.columns[subject]
