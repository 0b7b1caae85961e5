"""The account at the end: what stands where, whether anything was left lying, and every dossier checked from its export alone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from kernel.bus import parking
from kernel.journal import dossier
from kernel.ops import metrics
from kernel.store.tables import journal
from suite.client import Acting
from suite.demo.ground import Ground
from suite.demo.narrator import Narrator
from suite.demo.registering import CODES, EXPECTED, NAMES, Town
from suite.demo.trials import Trials

STAGES = {
    "received": "申请人",
    "recommended": "已推荐",
    "approved": "上级已同意",
    "determined": "公示中",
    "activist": "积极分子",
    "proposed": "拟列",
    "prospect": "发展对象",
    "examined": "预审合格",
    "reported": "报批中",
    "probationary": "预备党员",
    "conversion_reported": "转正报批",
    "full": "正式党员",
    "withdrawn": "撤回",
    "refused": "不予接收",
    "removed": "调整出库",
    "disqualified": "取消资格",
    "total": "合计",
}
LEVELS = {"oral": "口头告知", "letter": "函告督办", "yellow": "黄牌警告"}
ENDED = {"lifted": "已解除", "withdrawn": "已撤回"}
TRIGGERS = {
    "no_plan": "无年度计划",
    "no_admission": "多年未发展",
    "no_activist": "多年无积极分子",
    "plan_deviation": "计划偏差",
    "step_late": "手续逾期",
    "satisfaction": "满意度低",
}
OUTCOMES = {"passed": "通过", "not_passed": "不通过", "open": "正在征询", "closed": "终止"}
KINDS = {
    "candidate": "入党申请人",
    "case": "审查案件",
    "meeting": "会议",
    "organisation": "组织",
    "member": "党员",
    "post": "岗位",
    "consent": "书面同意",
    "rectification": "整顿案",
    "county_list": "征询部门名单",
    "import": "导入记录",
    "figure": "年度发展数",
    "form_codes": "志愿书编码",
    "roll": "党员人数统计",
    "self_check": "自查自纠",
    "talk": "提醒谈话",
    "evaluation": "双评议",
    "warning": "预警",
    "circumstance": "特殊情况",
    "organizer": "特聘组织员",
    "task": "组织员任务",
    "home_village": "原籍村意见",
}


@dataclass
class Account:
    """Everything counted. `unsound`: dossiers that did not verify, with what was found."""

    town: Town
    trials: Trials
    funnel: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    cases: dict[str, Counter[str]] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    relayed: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    parked: int = 0
    verified: Counter[str] = field(default_factory=Counter)
    at_the_door: int = 0
    entries: int = 0
    unsound: list[str] = field(default_factory=list)

    def failures(self) -> list[str]:
        """Why this demo has not shown what it should; empty if it has."""
        found = [
            f"{kind}：应有 {wanted}，实有 {self.town.counts.get(kind, 0)}"
            for kind, wanted in EXPECTED.items()
            if self.town.counts.get(kind, 0) != wanted
        ]
        found += self.trials.wrong
        found += [f"没有试过的规则 {'/'.join(under)}：{'、'.join(sorted(gap))}" for under, gap in self.trials.missing().items()]
        found += [
            f"不在应试之列的规则 {'/'.join(under)}：{'、'.join(sorted(more))}" for under, more in self.trials.unexpected().items()
        ]
        found += [f"档案核验不符：{text}" for text in self.unsound]
        found += [f"暂存的消息 {self.parked} 条"] if self.parked else []
        found += [f"未送出的事件 {self.pending} 条"] if self.pending else []
        return found


def _city_department(ground: Ground, city: str) -> Acting:
    code = CODES[city]
    return ground.doors.acting(f"city.{code}", "city_department", code, f"/{code}/")


def drawn_up(ground: Ground, town: Town, trials: Trials, narrator: Narrator) -> Account:
    """Counts through the doors, and looks into every service's store for what should not be there any more."""
    account = Account(town, trials)
    ground.settle()
    for city in CODES:
        eye = _city_department(ground, city)
        counties = eye.get("recruitment", "/funnel")["counties"]
        account.funnel[city] = {item["county"]: item["states"] for item in counties}
        cases = eye.every("vetting", "/cases")
        account.cases[city] = Counter(case["outcome"] or case["state"] for case in cases)
    _look_at_warnings(ground, account)
    for name, context in ground.suite.contexts.items():
        account.relayed[name] = int(metrics.events_relayed.labels(name)._value.get())
        with context.database.read() as connection:
            account.parked += sum(parking.counts(connection).values())
    account.pending = sum(relay.depth() for relay in ground.suite.relays)
    _verify(ground, account, narrator)
    _verify_at_the_door(ground, account, narrator)
    return account


def _look_at_warnings(ground: Ground, account: Account) -> None:
    """Nanning's: what was warned of, and by county what the system has found, assessed anew today."""
    eye = _city_department(ground, "nanning")
    eye.post("alerts", "/assessments", {"organisation": CODES["nanning"]})
    account.warnings = eye.every("alerts", "/warnings")
    for item in eye.get("alerts", "/summary")["counties"]:
        account.found[item["county"]] = {trigger: counts["triggered"] for trigger, counts in item["triggers"].items()}


def _verify(ground: Ground, account: Account, narrator: Narrator) -> None:
    """Every stream of every service: exported, written as JSON, read again, checked."""
    for name, context in ground.suite.contexts.items():
        with context.database.read() as connection:
            keys = connection.execute(select(journal.c.home_county, journal.c.stream).distinct()).all()
            for number, (county, stream) in enumerate(sorted(map(tuple, keys)), start=1):
                if number % 200 == 0:
                    narrator.progress(f"核验档案　{name}　{number}/{len(keys)}")
                exported = json.loads(json.dumps(dossier.export(connection, context.keys, county, stream), ensure_ascii=False))
                _check(account, stream, exported)


def _verify_at_the_door(ground: Ground, account: Account, narrator: Narrator) -> None:
    """The candidates' dossiers once more, as their county gets them."""
    for city, code in CODES.items():
        found = _city_department(ground, city).every("recruitment", "/candidates")
        for number, item in enumerate(found, start=1):
            narrator.progress(f"经接口导出档案　{NAMES[city]}　{number}/{len(found)}")
            county = item["county"]
            eye = ground.doors.acting(f"county.{county}", "county_department", county, f"/{code}/{county}/")
            verdict = dossier.verify(eye.get("recruitment", f"/candidates/{item['candidate_id']}/dossier"))
            account.at_the_door += 1
            if not verdict.sound:
                account.unsound.append(f"{verdict.stream}：经接口导出的不符")


def _check(account: Account, stream: str, exported: Any) -> None:
    verdict = dossier.verify(exported)
    account.verified[stream.partition("/")[0]] += 1
    account.entries += verdict.entries
    if not verdict.sound or verdict.erased:
        found = "；".join(finding.message for finding in verdict.findings) or "有已删除的内容"
        account.unsound.append(f"{stream}：{found}")


# -- for people


def tell(account: Account, narrator: Narrator, names: dict[str, str]) -> None:
    """The tables. `names`: county code -> name."""
    _tell_funnel(account, narrator, names)
    narrator.line()
    rows = [
        [NAMES[city], sum(found.values()), *(found[outcome] for outcome in OUTCOMES)] for city, found in account.cases.items()
    ]
    narrator.table(["部门审查", "案件", *OUTCOMES.values()], rows)
    narrator.line()
    _tell_warnings(account, narrator, names)
    narrator.line()
    tell_refusals(account, narrator)
    narrator.line()
    narrator.table(["送达的事件", "条"], [*account.relayed.items(), ["合计", sum(account.relayed.values())]])
    narrator.line(f"  未送出 {account.pending} 条，暂存 {account.parked} 条")
    narrator.line()
    kinds = [[KINDS.get(kind, kind), count] for kind, count in sorted(account.verified.items())]
    narrator.table(["仅凭导出文件核验的档案", "份"], [*kinds, ["合计", sum(account.verified.values())]])
    narrator.line(f"  共 {account.entries} 条记录，哈希链完整；核验不符 {len(account.unsound)} 份")
    narrator.line(f"  入党申请人的档案又经接口导出核验 {account.at_the_door} 份")


def _tell_funnel(account: Account, narrator: Narrator, names: dict[str, str]) -> None:
    used = [stage for stage in STAGES if any(states.get(stage) for city in account.funnel.values() for states in city.values())]
    rows = []
    for city, counties in account.funnel.items():
        for county, states in sorted(counties.items()):
            rows.append([NAMES[city], names[county], *(states[stage] for stage in used)])
        rows.append([NAMES[city], "全市", *(sum(states[stage] for states in counties.values()) for stage in used)])
    narrator.table(["市", "县（市、区）", *(STAGES[stage] for stage in used)], rows)


def _tell_warnings(account: Account, narrator: Narrator, names: dict[str, str]) -> None:
    """Whom people warned; and what the system finds today and leaves to people. Nobody acts in most branches here."""
    rows = []
    for warning in sorted(account.warnings, key=lambda item: str(item["first_issued_on"])):
        why = "、".join(TRIGGERS[trigger] for trigger in warning["triggers"])
        state = ENDED.get(warning["state"], "整改中")
        rows.append(
            [
                warning["organisation"],
                LEVELS[warning["level"]],
                why,
                warning["first_issued_on"],
                state,
                warning["ended_on"] or "—",
            ]
        )
    narrator.table(["预警（南宁市）", "最高等级", "情形", "首次发出", "现状", "日期"], rows)
    narrator.line()
    rows = [[names.get(county, county), *(found[t] for t in TRIGGERS)] for county, found in sorted(account.found.items())]
    totals = ["全市", *(sum(found[trigger] for found in account.found.values()) for trigger in TRIGGERS)]
    narrator.table(["系统查出、尚待处理的情形", *TRIGGERS.values()], [*rows, totals])


def tell_refusals(account: Account, narrator: Narrator) -> None:
    trials = account.trials
    unders = sorted(trials.expected, key=lambda under: (under[1], under[0]))
    titles = [f"{NAMES[city].removesuffix('市')} {national.removeprefix('national-')}" for city, national in unders]
    rules = sorted(set().union(*trials.expected.values(), *trials.refused.values()))
    rows = []
    for rule in rules:
        marks = [
            "拒绝" if rule in trials.refused[under] else "未试" if rule in trials.expected[under] else "—" for under in unders
        ]
        rows.append([rule, *marks])
    rows.append(["合计", *(f"{len(trials.refused[under])}/{len(trials.expected[under])}" for under in unders)])
    narrator.table(["应拒绝的规则（由规定包算出）", *titles], rows)


def document(account: Account, seconds: dict[str, float], seed: int, last_day: str) -> dict[str, Any]:
    """What goes into build/demo.json."""
    trials = account.trials
    return {
        "ok": not account.failures(),
        "failures": account.failures(),
        "seed": seed,
        "last_day": last_day,
        "divisions": {**account.town.counts, "total": sum(account.town.counts.values())},
        "members": account.town.members,
        "posts": account.town.posts,
        "candidates": {
            city: {stage: sum(states[stage] for states in counties.values()) for stage in STAGES}
            for city, counties in account.funnel.items()
        },
        "cases": {city: {outcome: found[outcome] for outcome in OUTCOMES} for city, found in account.cases.items()},
        "warnings": [
            {name: warning[name] for name in ("organisation", "level", "triggers", "first_issued_on", "state", "ended_on")}
            for warning in account.warnings
        ],
        "findings": account.found,
        "rules": {
            "/".join(under): {"blocking": sorted(wanted), "refused": sorted(trials.refused[under])}
            for under, wanted in sorted(trials.expected.items())
        },
        "refusals": dict(sorted(trials.counts.items())),
        "events": {"relayed": account.relayed, "pending": account.pending, "parked": account.parked},
        "dossiers": {
            "verified": dict(sorted(account.verified.items())),
            "entries": account.entries,
            "over_http": account.at_the_door,
            "unsound": account.unsound,
        },
        "seconds": seconds,
    }


def chapter_document(account: Account, seconds: float, seed: int, last_day: str) -> dict[str, Any]:
    """What goes into the report of a chapter."""
    whole = document(account, {"total": seconds}, seed, last_day)
    names = ("ok", "failures", "seed", "last_day", "candidates", "rules", "refusals", "dossiers", "seconds")
    return {name: whole[name] for name in names}
