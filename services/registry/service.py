"""The registry at the door: HTTP, streams and timers. No logic."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from eventlet import tpool

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.doors import get, post
from kernel.http.entrypoints import Reader, Upload, query, upload
from kernel.runtime.timers import every
from kernel.unit import Unit
from services.registry import queries, schemas
from services.registry.commands import members, organisations, posts, rolls
from services.registry.domain import permissions, states
from services.registry.reactions import REACTIONS
from services.registry.sheets import ReadFile, read_file, template_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What browsers call CSV and XLSX files; the bytes decide.
SHEETS = ("text/csv", XLSX, "application/vnd.ms-excel", "application/octet-stream")

Answer = dict[str, Any]
_may = states.MEMBER.roles


def _sheet(path: str, do: Callable[[Unit, ReadFile], Answer], roles: Collection[str], summary: str) -> Callable[..., Any]:
    """A door to an import, as an attribute."""

    @wraps(do)
    def method(_self: Any, unit: Unit, upload: Upload) -> Answer:
        return do(unit, upload.rows)

    door = upload(
        "POST", path, roles=roles, content_types=SHEETS, parse=read_file, answer=schemas.Imported, status=201, summary=summary
    )
    return door(method)


class Registry:
    """Organisations, members, posts."""

    name = "registry"

    streams = Streams(REACTIONS)

    @every(60, "registry.rolls")
    def publish_counts(self, context: Context) -> None:
        rolls.publish_counts(context)

    # fmt: off
    # the tree
    import_divisions = _sheet(
        "/imports/divisions", organisations.import_divisions, permissions.DIVISION_IMPORTERS,
        "导入一个城市的行政区划，建立各级党组织")
    import_organisations = _sheet(
        "/imports/organisations", organisations.import_organisations, permissions.ESTABLISHERS, "导入党组织")
    register_organisation = post(
        "/organisations", organisations.register_organisation, permissions.ESTABLISHERS, schemas.NewOrganisation,
        schemas.OrganisationDone, "登记一个党组织")
    change_organisation = post(
        "/organisations/<code>", organisations.change_organisation, permissions.CHANGERS, schemas.OrganisationChange,
        schemas.OrganisationDone, "变更党组织的名称、领域、规模、审批权或标记", method="PATCH", status=200)
    list_organisations = get(
        "/organisations", queries.list_organisations, schemas.OrganisationItem,
        "职权范围内的党组织，可按上级、名称开头、类别、领域筛选", roles=permissions.EVERYBODY,
        params=schemas.OrganisationFilter, paged=True)
    show_organisation = get(
        "/organisations/<code>", queries.show_organisation, schemas.OrganisationItem, "一个党组织", roles=permissions.EVERYBODY)

    # the roll
    import_members = _sheet("/imports/members", members.import_members, permissions.ROLL_IMPORTERS, "导入党员名册")
    register_member = post(
        "/members", members.register_member, _may("register"), schemas.NewMember, schemas.MemberDone, "登记一名党员")
    change_member = post(
        "/members/<member_id>", members.change_member, _may("change"), schemas.MemberChange, schemas.MemberDone,
        "变更党员的支部、类别或基本信息", method="PATCH", status=200)
    end_member = post(
        "/members/<member_id>/end", members.end_member, _may("end"), schemas.MemberEnd, schemas.MemberDone,
        "党员出册（去世、转出、误登）", status=200)
    reinstate_member = post(
        "/members/<member_id>/reinstate", members.reinstate_member, _may("reinstate"), schemas.MemberChange,
        schemas.MemberDone, "已出册的党员重新入册", status=200)
    list_members = get(
        "/members", queries.list_members, schemas.MemberItem, "一个支部的党员（身份证号码隐去中间各位，查阅留痕）",
        roles=permissions.ROLL_READERS, params=schemas.MemberFilter, paged=True)
    show_member = get(
        "/members/<member_id>", queries.show_member, schemas.MemberDetail, "一名党员（身份证号码隐去中间各位，查阅留痕）",
        roles=permissions.ROLL_READERS)

    # posts
    import_posts = _sheet("/imports/posts", posts.import_posts, permissions.GIVERS, "导入岗位")
    assign_post = post(
        "/posts", posts.assign_post, permissions.GIVERS, schemas.NewPost, schemas.PostDone, "授予岗位")
    end_post = post(
        "/posts/<post_id>/end", posts.end_post, permissions.EVERYBODY, schemas.PostEnd, schemas.PostDone,
        "提前终止岗位（有权授予者，或本人辞去）", status=200)
    list_posts = get(
        "/posts", queries.list_posts, schemas.PostItem, "职权范围内的岗位，可按组织、账号、岗位类别、日期筛选",
        roles=permissions.POST_READERS, params=schemas.PostFilter, paged=True)
    list_my_posts = get("/posts/mine", queries.list_my_posts, schemas.PostItem, "本人的岗位", roles=permissions.EVERYBODY, paged=True)

    # imports
    list_imports = get(
        "/imports", queries.list_imports, schemas.ImportItem, "职权范围内的导入记录，最近的在前",
        roles=permissions.GIVERS | permissions.POST_READERS, paged=True)
    # fmt: on

    @query(
        "GET",
        "/templates/<kind>",
        roles=permissions.EVERYBODY,
        answer=schemas.Template,
        summary="空白表格（XLSX）：divisions、organisations、members、posts",
    )
    def template(self, reader: Reader, kind: str) -> Answer:
        name = queries.template_name(reader, kind)
        content = tpool.execute(template_xlsx, kind)  # openpyxl does not yield
        return {"file_name": name, "content_type": XLSX, "content": b64encode(content).decode()}
