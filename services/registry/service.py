"""The registry at the door: HTTP, streams and timers. No logic."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from eventlet import tpool

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.entrypoints import Reader, Upload, command, query, upload
from kernel.runtime.timers import every
from kernel.unit import Unit
from services.registry import queries, schemas
from services.registry.commands import members, organisations, posts, rolls
from services.registry.domain import permissions, states
from services.registry.reactions import REACTIONS
from services.registry.sheets import read_file, template_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What browsers call CSV and XLSX files; the bytes decide.
SHEETS = ("text/csv", XLSX, "application/vnd.ms-excel", "application/octet-stream")

Body = dict[str, Any]
Answer = dict[str, Any]


class Registry:
    """Organisations, members, posts."""

    name = "registry"

    streams = Streams(REACTIONS)

    @every(60, "registry.rolls")
    def publish_counts(self, context: Context) -> None:
        rolls.publish_counts(context)

    # -- the tree

    @upload(
        "POST",
        "/imports/divisions",
        roles=permissions.DIVISION_IMPORTERS,
        content_types=SHEETS,
        parse=read_file,
        answer=schemas.Imported,
        status=201,
        summary="导入一个城市的行政区划，建立各级党组织",
    )
    def import_divisions(self, unit: Unit, upload: Upload) -> Answer:
        return organisations.import_divisions(unit, upload.rows)

    @upload(
        "POST",
        "/imports/organisations",
        roles=permissions.ESTABLISHERS,
        content_types=SHEETS,
        parse=read_file,
        answer=schemas.Imported,
        status=201,
        summary="导入党组织",
    )
    def import_organisations(self, unit: Unit, upload: Upload) -> Answer:
        return organisations.import_organisations(unit, upload.rows)

    @command(
        "POST",
        "/organisations",
        roles=permissions.ESTABLISHERS,
        body=schemas.NewOrganisation,
        answer=schemas.OrganisationDone,
        summary="登记一个党组织",
    )
    def register_organisation(self, unit: Unit, body: Body) -> Answer:
        return organisations.register_organisation(unit, body)

    @command(
        "PATCH",
        "/organisations/<code>",
        roles=permissions.CHANGERS,
        body=schemas.OrganisationChange,
        answer=schemas.OrganisationDone,
        status=200,
        summary="变更党组织的名称、领域、规模、审批权或标记",
    )
    def change_organisation(self, unit: Unit, body: Body, code: str) -> Answer:
        return organisations.change_organisation(unit, code, body)

    @query(
        "GET",
        "/organisations",
        roles=permissions.EVERYBODY,
        params=schemas.OrganisationFilter,
        answer=schemas.OrganisationItem,
        paged=True,
        summary="职权范围内的党组织，可按上级、名称开头、类别、领域筛选",
    )
    def organisations(self, reader: Reader) -> Answer:
        return queries.organisations(reader)

    @query(
        "GET",
        "/organisations/<code>",
        roles=permissions.EVERYBODY,
        answer=schemas.OrganisationItem,
        summary="一个党组织",
    )
    def organisation(self, reader: Reader, code: str) -> Answer:
        return queries.organisation_by_code(reader, code)

    # -- the roll

    @upload(
        "POST",
        "/imports/members",
        roles=permissions.ROLL_IMPORTERS,
        content_types=SHEETS,
        parse=read_file,
        answer=schemas.Imported,
        status=201,
        summary="导入党员名册",
    )
    def import_members(self, unit: Unit, upload: Upload) -> Answer:
        return members.import_members(unit, upload.rows)

    @command(
        "POST",
        "/members",
        roles=states.roles("register"),
        body=schemas.NewMember,
        answer=schemas.MemberDone,
        summary="登记一名党员",
    )
    def register_member(self, unit: Unit, body: Body) -> Answer:
        return members.register_member(unit, body)

    @command(
        "PATCH",
        "/members/<member_id>",
        roles=states.roles("change"),
        body=schemas.MemberChange,
        answer=schemas.MemberDone,
        status=200,
        summary="变更党员的支部、类别或基本信息",
    )
    def change_member(self, unit: Unit, body: Body, member_id: str) -> Answer:
        return members.change_member(unit, member_id, body)

    @command(
        "POST",
        "/members/<member_id>/end",
        roles=states.roles("end"),
        body=schemas.MemberEnd,
        answer=schemas.MemberDone,
        status=200,
        summary="党员出册（去世、转出、误登）",
    )
    def end_member(self, unit: Unit, body: Body, member_id: str) -> Answer:
        return members.end_member(unit, member_id, body)

    @command(
        "POST",
        "/members/<member_id>/reinstate",
        roles=states.roles("reinstate"),
        body=schemas.MemberChange,
        answer=schemas.MemberDone,
        status=200,
        summary="已出册的党员重新入册",
    )
    def reinstate_member(self, unit: Unit, body: Body, member_id: str) -> Answer:
        return members.reinstate_member(unit, member_id, body)

    @query(
        "GET",
        "/members",
        roles=permissions.ROLL_READERS,
        params=schemas.MemberFilter,
        answer=schemas.MemberItem,
        paged=True,
        summary="一个支部的党员（身份证号码隐去中间各位，查阅留痕）",
    )
    def members(self, reader: Reader) -> Answer:
        return queries.members(reader)

    @query(
        "GET",
        "/members/<member_id>",
        roles=permissions.ROLL_READERS,
        answer=schemas.MemberDetail,
        summary="一名党员（身份证号码隐去中间各位，查阅留痕）",
    )
    def member(self, reader: Reader, member_id: str) -> Answer:
        return queries.member_by_id(reader, member_id)

    # -- posts

    @upload(
        "POST",
        "/imports/posts",
        roles=permissions.GIVERS,
        content_types=SHEETS,
        parse=read_file,
        answer=schemas.Imported,
        status=201,
        summary="导入岗位",
    )
    def import_posts(self, unit: Unit, upload: Upload) -> Answer:
        return posts.import_posts(unit, upload.rows)

    @command(
        "POST",
        "/posts",
        roles=permissions.GIVERS,
        body=schemas.NewPost,
        answer=schemas.PostDone,
        summary="授予岗位",
    )
    def assign_post(self, unit: Unit, body: Body) -> Answer:
        return posts.assign_post(unit, body)

    @command(
        "POST",
        "/posts/<post_id>/end",
        roles=permissions.EVERYBODY,
        body=schemas.PostEnd,
        answer=schemas.PostDone,
        status=200,
        summary="提前终止岗位（有权授予者，或本人辞去）",
    )
    def end_post(self, unit: Unit, body: Body, post_id: str) -> Answer:
        return posts.end_post(unit, post_id, body)

    @query(
        "GET",
        "/posts",
        roles=permissions.POST_READERS,
        params=schemas.PostFilter,
        answer=schemas.PostItem,
        paged=True,
        summary="职权范围内的岗位，可按组织、账号、岗位类别、日期筛选",
    )
    def posts(self, reader: Reader) -> Answer:
        return queries.posts(reader)

    @query(
        "GET",
        "/posts/mine",
        roles=permissions.EVERYBODY,
        answer=schemas.PostItem,
        paged=True,
        summary="本人的岗位",
    )
    def my_posts(self, reader: Reader) -> Answer:
        return queries.my_posts(reader)

    # -- imports

    @query(
        "GET",
        "/imports",
        roles=permissions.GIVERS | permissions.POST_READERS,
        answer=schemas.ImportItem,
        paged=True,
        summary="职权范围内的导入记录，最近的在前",
    )
    def imports(self, reader: Reader) -> Answer:
        return queries.import_jobs(reader)

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
