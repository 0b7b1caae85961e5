"""Reads: the tree, the roll, posts, imports. Whoever sees names of members leaves a trace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from kernel import id_number
from kernel.actor import Actor, Post
from kernel.context import Context
from kernel.errors import NotFound
from kernel.http.reader import Reader
from kernel.store.scope import under
from services.registry.sheets import LAYOUTS
from services.registry.tables import import_job, member, organisation, post

Page = dict[str, Any]

_POST_COLUMNS = (
    post.c.post_id, post.c.account, post.c.role, post.c.organisation, post.c.path, post.c.since, post.c.until,
    post.c.department, post.c.member_id, post.c.version,
)  # fmt: skip


def actor_for(context: Context, account: str) -> Actor:
    """The account with the posts that are in force today: what a token of it carries."""
    today = context.clock.today()
    query = (
        select(post)
        .where(post.c.account == account, post.c.since <= today, post.c.until >= today)
        .order_by(post.c.since, post.c.post_id)
    )
    with context.database.read() as connection:
        rows = connection.execute(query).all()
    posts = (Post(row.post_id, row.role, row.organisation, row.path, row.since, row.until) for row in rows)
    return Actor(account, tuple(posts))


# -- the tree


def list_organisations(reader: Reader) -> Page:
    """Those in scope, by code; filtered by `parent`, by `name` (its beginning), `kind`, `domain`."""
    params = reader.params
    query = select(organisation).where(under(organisation.c.path, reader.paths()))
    for field in ("parent", "kind", "domain"):
        if field in params:
            query = query.where(organisation.c[field] == params[field])
    if "name" in params:
        query = query.where(organisation.c.name.startswith(params["name"], autoescape=True))
    return reader.page(query, [organisation.c.code])


def show_organisation(reader: Reader, code: str) -> dict[str, Any]:
    """One. An organisation above an own post may be seen too: it is the one to turn to."""
    row = reader.connection.execute(select(organisation).where(organisation.c.code == code)).first()
    own = reader.paths()
    if row is None or not any(row.path.startswith(path) or path.startswith(row.path) for path in own):
        raise NotFound("没有这个组织")
    return dict(row._mapping)


# -- the roll


def list_members(reader: Reader) -> Page:
    """The members of one branch, in the order in which they were entered. Numbers are masked, the look is logged."""
    branch = reader.params["branch"]
    path = reader.connection.execute(select(organisation.c.path).where(organisation.c.code == branch)).scalar()
    if path is None:
        raise NotFound("没有这个组织")
    reader.authorise(path)
    query = _filtered(select(member).where(member.c.branch == branch), reader.params)
    page = reader.page(query, [member.c.member_id])
    reader.log_access("members.list", f"organisation/{branch}", ("name", "id_number"))
    return {**page, "items": _shown(reader, page["items"])}


def show_member(reader: Reader, member_id: str) -> dict[str, Any]:
    """One member with particulars. Raises `NotFound`, `Forbidden`."""
    row = reader.connection.execute(select(member).where(member.c.member_id == member_id)).mappings().first()
    if row is None:
        raise NotFound("党员名册中没有此人")
    reader.authorise(row["path"])
    (particulars,) = reader.context.keys.open_column([(row["subject"], row["particulars_sealed"])])
    reader.log_access("members.read", f"member/{member_id}", ("name", "id_number", "particulars"))
    return {**_shown(reader, [dict(row)])[0], **json.loads(particulars or "{}")}


def _filtered(query: Select[Any], params: Mapping[str, Any]) -> Select[Any]:
    if "status" in params:
        return query.where(member.c.status == params["status"])
    return query


def _shown(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """With names in clear and numbers masked; null for a person whose data have been erased."""
    keys = reader.context.keys
    names = keys.open_column((row["subject"], row["name_sealed"]) for row in rows)
    numbers = keys.open_column((row["subject"], row["id_number_sealed"]) for row in rows)
    plain = ("member_id", "branch", "path", "status", "joined", "full_since", "ended_on", "version")
    return [
        {
            **{name: row[name] for name in plain},
            "name": name,
            "id_number": id_number.mask(number) if number else None,
        }
        for row, name, number in zip(rows, names, numbers, strict=True)
    ]


# -- posts


def list_posts(reader: Reader) -> Page:
    """Posts at organisations in scope; filtered by `organisation`, `account`, `role`, and `on` (a day)."""
    params = reader.params
    query = select(*_POST_COLUMNS).where(under(post.c.path, reader.paths()))
    for field in ("organisation", "account", "role"):
        if field in params:
            query = query.where(post.c[field] == params[field])
    if "on" in params:
        query = query.where(post.c.since <= params["on"], post.c.until >= params["on"])
    return reader.page(query, [post.c.post_id])


def list_my_posts(reader: Reader) -> Page:
    """The caller's own posts, past and future ones too."""
    reader.paths()
    return reader.page(select(*_POST_COLUMNS).where(post.c.account == reader.actor.account), [post.c.post_id])


# -- imports


def list_imports(reader: Reader) -> Page:
    """What was imported into the caller's part of the tree, the newest first."""
    query = select(import_job).where(under(import_job.c.path, reader.paths()))
    return reader.page(query, [import_job.c.imported_at, import_job.c.import_id], descending=True)


def template_name(reader: Reader, kind: str) -> str:
    """The file name of a blank sheet (`sheets.template_xlsx`), which holds nothing that anybody could not see."""
    reader.paths()
    if kind not in LAYOUTS:
        raise NotFound(f"没有这种模板，可用：{'、'.join(LAYOUTS)}")
    return f"{LAYOUTS[kind].title}.xlsx"
