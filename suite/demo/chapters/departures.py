"""What may be departed from: refused without a written reason, done with one, and the reason stands in the record for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.policy import Policy
from suite.demo.chapters.chapter import Chapter, Scene
from suite.demo.desk import Desk
from suite.demo.lifecycle import Lifecycle
from suite.demo.registering import NAMES
from suite.demo.walk import Answer, Body
from suite.demo.way import Way

#: The stages of this chapter, as the packs name them.
STRETCH = ("application", "activist", "prospect")
#: The days on which it begins: under the national rules of 2014, and under the revision.
DAYS = {"2014": date(2015, 3, 2), "2026": date(2026, 5, 20)}
REASON = "经集体研究，情况属实"


def wanted(policy: Policy) -> set[str]:
    return {rule.id for stage in STRETCH for rule in policy.rules(stage, "warn")}


def play(scene: Scene) -> None:
    for era, day in DAYS.items():
        scene.ground.calendar.to(day)
        for city in NAMES:
            scene.trials.expect(city, scene.ground.calendar.today)
            _Departing(scene, city, era).go()


@dataclass
class _Departing:
    """One city under one version of the national rules."""

    scene: Scene
    city: str
    era: str

    def go(self) -> None:
        branch = self.scene.town.stories[self.city, self.era]
        self.scene.narrator.line()
        self.scene.narrator.note(f"{NAMES[self.city]}　{branch['name']}", indent="")
        if self.city == "jinhua":
            self._apply_at_work(self.scene.desk(self.scene.town.two_new[self.city]))
        desk = self.scene.desk(branch)
        walk = self._way(desk, "branch")
        life = Lifecycle(
            walk,
            self.scene.ground.doors,
            self.scene.ground.departments,
            self.scene.book,
            self.scene.quota,
            determine=self._determine,
            propose=self._propose,
        )
        self.scene.lived(life.become_activist())
        self.scene.lived(life.become_prospect())
        accounts = {"clerk": desk.clerk, "organiser": desk.organiser, "county": desk.county}
        self.scene.shown = {name: acting.actor.account for name, acting in accounts.items()} | {"candidate": walk.id}

    def _way(self, desk: Desk, series: str) -> Way:
        today = self.scene.ground.calendar.today
        (person,) = self.scene.people(f"departures {series} {self.era}", today, desk.branch, 1)
        return Way(desk, self.scene.ground.calendar, person.name, person.id_number, self.scene.tell)

    def _apply_at_work(self, desk: Desk) -> None:
        """Two exceptions at an enterprise, which need the county's consent too. Source: JH 6."""
        cases: dict[str, tuple[str, dict[str, Any]]] = {
            "application.two_new_loose": ("企业管理松散，仍在企业申请", {"work": {"loose": True}}),
            "application.two_new_village_committee": ("村委会成员在企业申请", {"village_committee_member": True}),
        }
        for rule, (tried, circumstances) in cases.items():
            walk = self._way(desk, rule)
            body = walk.at_work_body(**circumstances)
            self._refuse(rule, tried, walk, "/applications", body)
            given = desk.county.post(
                "recruitment",
                "/consents",
                {"branch": desk.code, "id_number": walk.id_number, "rule": rule, "document": "同意函"},
            )
            self.scene.tell(walk.calendar.today, f"县（市、区）委组织部书面同意 {walk.name} 的例外", ["Xinhuo"])
            self._note(walk.apply({**body, "departures": {rule: REASON}, "consents": [given["consent_id"]]}))
            walk.withdraw()

    def _determine(self, walk: Way) -> None:
        relative = {"contacts": [{"member_id": id, "relative": True} for id in walk.desk.members[:2]]}
        rule, body = "activist.contacts_relatives", walk.determination_body(**relative)
        self._refuse(rule, "培养联系人是本人的亲属", walk, f"{walk.path}/determination", body)
        self._note(walk.determine(**relative, departures={rule: REASON}))

    def _propose(self, walk: Way) -> None:
        relative = {"introducers": [{"member_id": id, "relative": True} for id in walk.desk.members[-2:]]}
        rule, body = "prospect.introducers_relatives", walk.proposal_body(**relative)
        self._refuse(rule, "入党介绍人是本人的亲属", walk, f"{walk.path}/proposal", body)
        self._note(walk.propose(**relative, departures={rule: REASON}))

    def _refuse(self, rule: str, tried: str, walk: Way, path: str, body: Body) -> None:
        by = walk.desk.clerk if path == "/applications" else walk.desk.secretary
        self.scene.trials.refuse(rule, f"{tried}，没有书面理由", by, path, body, city=self.city)

    def _note(self, answer: Answer) -> None:
        """Tells the departures that the answer names; without any, the demo has not shown what it should."""
        noted = answer.get("departures", ())
        if not noted:
            self.scene.trials.wrong.append(f"{self.city} {self.era}: 偏离没有记录在案")
        for departure in noted:
            said = f"偏离 {departure['rule']}（{departure['source']}），理由记录在案：{departure['written_reason']}"
            self.scene.narrator.note(said)


CHAPTER = Chapter(
    name="departures",
    title="书面理由",
    text="可以偏离的规则：没有书面理由的被拒绝，写明理由后办理，理由永久记录在案。",
    wanted=wanted,
    play=play,
)
