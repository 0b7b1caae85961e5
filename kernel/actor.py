"""Who acts: an account with posts. A post gives a role over an organisation and all below it, for a term."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Post:
    """A post: `path` is the organisation's materialised path; `until` is the last day, None while open."""

    id: str
    role: str
    organisation: str
    path: str
    since: date
    until: date | None = None

    def covers(self, path: str, on: date) -> bool:
        return path.startswith(self.path) and self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Actor:
    """An account and the posts that its token carries. A department's system has `department` instead of posts."""

    account: str
    posts: tuple[Post, ...] = ()
    department: str | None = None

    def post_for(self, roles: Collection[str], path: str, on: date) -> Post | None:
        """The first post with one of `roles` that covers the organisation at `path` on that day."""
        return next((post for post in self.posts if post.role in roles and post.covers(path, on)), None)

    def post_at(self, roles: Collection[str], organisation: str, path: str, on: date) -> Post | None:
        """As `post_for`, at that very organisation: a post above it is none."""
        own = (post for post in self.posts if post.organisation == organisation and post.role in roles)
        return next((post for post in own if post.covers(path, on)), None)

    def paths(self, roles: Collection[str], on: date) -> list[str]:
        """The subtrees in which the account holds one of `roles`, for filtering lists."""
        return [post.path for post in self.posts if post.role in roles and post.covers(post.path, on)]


def above(path: str) -> str:
    """The path of the organisation directly above; the top's own."""
    head = path.rstrip("/").rpartition("/")[0]
    return f"{head}/" if head else path


def up_to(code: str, path: str) -> str:
    """The path of the organisation `code`, at or above the one at `path`."""
    head, found, _ = path.partition(f"/{code}/")
    if not found:
        raise ValueError(f"{code} is not on the way to {path}")
    return head + found


def system(service: str) -> Actor:
    """The actor of reactions and timers."""
    return Actor(account=f"system:{service}")
