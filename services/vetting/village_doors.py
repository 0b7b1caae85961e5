"""The doors of the home village's opinion: a part of the nameko class, and no logic."""

from __future__ import annotations

from typing import Any

from kernel.http.entrypoints import Reader, command, query
from kernel.unit import Unit
from services.vetting import queries
from services.vetting.commands import villages
from services.vetting.domain import states
from services.vetting.schemas import bodies, views

Body = dict[str, Any]


class HomeVillageDoors:
    """For the deciding committee, the village and its township committee. Source: JH 5, 6, 7."""

    @command(
        "POST",
        "/cases/<case_id>/home-village",
        roles=states.roles("ask_home_village"),
        body=bodies.HomeVillage,
        answer=views.AskedAgain,
        summary="向原籍所在村征求意见",
    )
    def ask_home_village(self, unit: Unit, body: Body, case_id: str) -> Body:
        """Asks the township committee of the registered place; by letter where it lies outside the suite. Source: JH 5."""
        return villages.ask_home_village(unit, {**body, "case_id": case_id})

    @command(
        "POST",
        "/home-village/<request_id>/letter",
        roles=states.roles("enter_village_letter"),
        body=bodies.VillageLetter,
        answer=views.VillageLetterKept,
        summary="录入原籍意见复函",
    )
    def enter_village_letter(self, unit: Unit, body: Body, request_id: str) -> Body:
        return villages.enter_village_letter(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/home-village/<request_id>/notice",
        roles=states.roles("post_notice"),
        body=bodies.Notice,
        answer=views.NoticeNow,
        summary="在原籍所在村公示",
    )
    def post_notice(self, unit: Unit, body: Body, request_id: str) -> Body:
        """The notice in the village, announced and posted. Source: JH 6."""
        return villages.post_notice(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/home-village/<request_id>/notice-end",
        roles=states.roles("end_notice"),
        body=bodies.NoticeEnd,
        answer=views.NoticeEnded,
        summary="公示期满撤下，登记异议及查核情况",
    )
    def end_notice(self, unit: Unit, body: Body, request_id: str) -> Body:
        return villages.end_notice(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/home-village/<request_id>/opinion",
        roles=states.roles("give_opinion"),
        body=bodies.Opinion,
        answer=views.InquiryNow,
        summary="原籍所在村出具意见",
    )
    def give_opinion(self, unit: Unit, body: Body, request_id: str) -> Body:
        return villages.give_opinion(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/home-village/<request_id>/return",
        roles=states.roles("return_opinion"),
        body=bodies.Return,
        answer=views.InquiryNow,
        summary="原籍乡镇（街道）党委反馈意见",
    )
    def return_opinion(self, unit: Unit, body: Body, request_id: str) -> Body:
        return villages.return_opinion(unit, {**body, "request_id": request_id})

    @query(
        "GET",
        "/home-village",
        roles=states.VILLAGE_READERS,
        params=bodies.InquiryFilter,
        answer=views.InquiryItem,
        paged=True,
        summary="原籍意见征询（待办）",
    )
    def list_inquiries(self, reader: Reader) -> Body:
        return queries.inquiries(reader)

    @query(
        "GET",
        "/home-village/<request_id>",
        roles=states.VILLAGE_READERS,
        answer=views.InquiryShown,
        summary="一份原籍意见征询（查阅留痕）",
    )
    def show_inquiry(self, reader: Reader, request_id: str) -> Body:
        return queries.inquiry(reader, request_id)
