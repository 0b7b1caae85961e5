"""Who sees what: the committee and those above it their organizers, a branch those it recommended and its tasks, an organizer his own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_

from kernel.errors import Forbidden
from kernel.http.reader import Reader
from kernel.store.scope import under
from services.organizers.domain import states


def visible(reader: Reader, path: Any, branch_path: Any, account: Any) -> ColumnElement[bool]:
    """The rows that the caller may see, as a condition. `path`: of the committee; `branch_path`: of the branch concerned."""
    reader.paths()
    today = reader.today
    own = reader.actor.paths(states.ORGANIZER, today)
    return or_(
        under(path, reader.actor.paths(states.SUPERVISORS, today)),
        under(branch_path, reader.actor.paths(states.SECRETARY, today)),
        under(path, own) & (account == reader.actor.account),
    )


def authorise(reader: Reader, path: str, branch_path: str, account: str | None) -> None:
    """As `visible`, for one row. Raises `Forbidden`."""
    reader.paths()
    actor, today = reader.actor, reader.today
    reader.post = actor.post_for(states.SUPERVISORS, path, today) or actor.post_for(states.SECRETARY, branch_path, today)
    if reader.post is None and account == actor.account:
        reader.post = actor.post_for(states.ORGANIZER, path, today)
    if reader.post is None:
        raise Forbidden("您没有查看该组织此类信息的职务权限")


def is_committee(reader: Reader) -> bool:
    return reader.post is not None and reader.post.role in states.SUPERVISORS
