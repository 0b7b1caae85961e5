"""How packs stand on each other: by place and day, strictest first, tighten only."""

import datetime as dt

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, PackError, Policy, PolicyBook, shipped_book
from kernel.policy.strictness import DIRECTIONS

DAY = dt.date(2015, 3, 2)
LATER = dt.date(2026, 11, 22)
STRETCH = ("application", "talk", "recommendation", "activist", "cultivation", "publicity", "vetting")


def overlay(tmp_path, parameters="", rules="", county="330702", start="2016-01-01", name="wucheng"):
    path = tmp_path / f"{name}.yaml"
    path.write_text(
        f"name: {name}\nlayer: county\nextends: jinhua-2014\ncity: jinhua\ncounty: '{county}'\nfrom: {start}\n"
        + (f"parameters:\n{parameters}" if parameters else "")
        + (f"rules:\n{rules}" if rules else ""),
        encoding="utf-8",
    )
    return path


def parameter(name, value, direction, unit, mode="block", extra=""):
    return f"  {name}: {{value: {value}, unit: {unit}, source: WC 1, direction: '{direction}', mode: {mode}{extra}}}\n"


@pytest.mark.parametrize(
    ("city", "day", "packs"),
    [
        ("jinhua", dt.date(2014, 7, 30), ("xinhuo", "national-2014")),
        ("jinhua", dt.date(2014, 7, 31), ("xinhuo", "national-2014", "jinhua-2014")),
        ("nanning", dt.date(2013, 9, 21), ("xinhuo", "national-2014")),
        ("nanning", dt.date(2013, 9, 22), ("xinhuo", "national-2014", "nanning-2013")),
        ("nanning", dt.date(2026, 5, 17), ("xinhuo", "national-2014", "nanning-2013")),
        ("nanning", dt.date(2026, 5, 18), ("xinhuo", "national-2026", "nanning-2013")),
    ],
)
def test_the_packs_of_the_day_are_in_force(city, day, packs):
    assert shipped_book().at(city, day).packs == packs


def test_before_2014_the_text_of_2014_is_the_base_and_unconfirmed():
    before, after = (shipped_book().at("nanning", dt.date(2014, 5, day)) for day in (27, 28))
    assert before.value("probation.months") == after.value("probation.months")
    assert before["probation.months"].unconfirmed and not after["probation.months"].unconfirmed
    assert before.rule("probation.extension").unconfirmed


def test_before_its_first_day_a_citys_rule_is_not_known():
    policy = shipped_book().at("nanning", dt.date(2013, 9, 21))
    with pytest.raises(NotInForce) as unknown:
        policy.value("satisfaction.threshold")
    assert "satisfaction.threshold" in str(unknown.value)
    assert unknown.value.status == 400
    with pytest.raises(NotInForce):
        policy.rule("recommendation.pool")


def test_a_rule_of_one_city_is_not_known_in_the_other():
    assert not shipped_book().at("jinhua", DAY).has("satisfaction.threshold")
    assert not shipped_book().at("nanning", DAY).has_rule("recommendation.delegate_signature")


@pytest.mark.parametrize(("city", "county"), [("taizhou", None), ("jinhua", "450102"), ("jinhua", "3307"), ("jinhua", "33070a")])
def test_an_unknown_place_is_invalid(city, county):
    with pytest.raises(Invalid):
        shipped_book().at(city, DAY, county)


def test_a_county_without_a_pack_has_the_citys_rules():
    assert shipped_book().at("jinhua", DAY, "330702").packs == shipped_book().at("jinhua", DAY).packs


def test_of_city_and_nation_both_periods_hold():
    period = shipped_book().at("nanning", LATER)["publicity.prospect.period"]
    assert dict(period.value) == {"days": 5, "workdays": 5}
    assert period.source == "NT' 13；NN 3(4)"
    assert [c.pack for c in period.contributions if c.prevails] == ["national-2026", "nanning-2013"]


def test_equal_demands_name_both_sources_and_are_confirmed_by_one():
    leaving = shipped_book().at("jinhua", LATER)["admission.leaving_months"]
    assert leaving.source == "NT'；JH 12"
    assert not leaving.unconfirmed
    assert shipped_book().at("nanning", LATER)["admission.leaving_months"].unconfirmed


def test_every_parameter_has_a_source_a_direction_and_a_known_mode():
    for city in shipped_book().cities:
        for day in (dt.date(2014, 1, 1), DAY, LATER):
            policy = shipped_book().at(city, day)
            for name in policy.names():
                assert policy[name].source and policy[name].direction in DIRECTIONS


def test_every_stage_of_a_rule_has_a_chinese_name():
    for pack in shipped_book().packs:
        for rule in pack.rules:
            assert set(rule.stages) <= shipped_book().at("jinhua", DAY).labels("stretch").keys(), rule.id


def test_every_source_can_be_cited():
    for pack in shipped_book().packs:
        policy = shipped_book().at("jinhua" if pack.city is None else pack.city, DAY)
        for entry in (*pack.parameters, *pack.rules):
            for source in entry.source.split("；"):
                document, _, article = source.partition(" ")
                cited = policy.cite(source)
                assert not cited.startswith(document) and article in cited


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_what_the_rules_of_a_city_ask_for_is_waivable_only_where_the_document_says_so(city):
    policy = shipped_book().at(city, DAY)
    waivable = {rule.id for stage in STRETCH for rule in policy.rules(stage) if rule.waivable}
    assert (
        waivable
        == {
            "jinhua": {
                "activist.contacts_relatives",
                "application.two_new_loose",
                "application.two_new_village_committee",
                "vetting.home_village_publicity",
            },
            "nanning": {
                "activist.contacts_relatives",
                "recommendation.mass_quorum",
                "recommendation.mass_share",
                "recommendation.member_share",
                "vetting.home_village_publicity",
            },
        }[city]
    )


def test_the_blocking_rules_of_a_stretch_are_computed():
    rules = {rule.id for rule in shipped_book().at("jinhua", DAY).rules("recommendation", "block")}
    assert "recommendation.delegate_signature" in rules
    assert "recommendation.pool" not in rules


def test_talk_topics_are_asked_for_from_the_revision_on():
    assert not shipped_book().at("jinhua", dt.date(2026, 5, 17)).has_rule("talk.topics")
    assert shipped_book().at("jinhua", dt.date(2026, 5, 18)).has_rule("talk.topics")


@pytest.mark.catalogue("V1")
@pytest.mark.parametrize(
    ("code", "day", "name", "asked"),
    [
        ("family_planning", dt.date(2014, 1, 1), "计划生育部门", True),
        ("family_planning", dt.date(2021, 8, 19), "卫生健康部门", True),
        ("family_planning", dt.date(2021, 8, 20), "卫生健康部门", False),
        ("commerce", dt.date(2014, 1, 1), "工商行政管理部门", True),
        ("commerce", dt.date(2020, 1, 1), "市场监督管理部门", True),
        ("governance", dt.date(2020, 1, 1), "党委政法委员会", True),
        ("tax", dt.date(2020, 1, 1), "税务部门", True),
    ],
)
def test_a_department_keeps_its_code_and_changes_its_name(code, day, name, asked):
    department = shipped_book().at("nanning", max(day, dt.date(2013, 9, 22))).department(code)
    assert (department.code, department.name, department.asked, department.successor) == (code, name, asked, None)


def test_an_unknown_department_is_not_in_force():
    with pytest.raises(NotInForce):
        shipped_book().at("nanning", DAY).department("weather")


def test_a_reason_names_a_rule_in_force_and_the_source_that_decided():
    policy = shipped_book().at("nanning", LATER)
    reason = policy.reason("publicity.period", "公示未满", {"n": 1}, parameters=("publicity.prospect.period",))
    assert reason.source == "NT' 13；NN 3(4)" and reason.remedy and not reason.waivable
    with pytest.raises(NotInForce):
        policy.reason("publicity.announced_and_posted", "未通报")


def test_a_stricter_overlay_prevails_in_its_county_only(tmp_path):
    book = PolicyBook.load([overlay(tmp_path, parameter("publicity.activist.period", "{days: 10}", "all_of", "period"))])
    assert book.at("jinhua", dt.date(2016, 1, 1), "330702").value("publicity.activist.period") == {"days": 10}
    assert book.at("jinhua", dt.date(2015, 12, 31), "330702").value("publicity.activist.period") == {"days": 7}
    assert book.at("jinhua", dt.date(2016, 1, 1), "330703").value("publicity.activist.period") == {"days": 7}
    assert book.at("jinhua", dt.date(2016, 1, 1)).value("publicity.activist.period") == {"days": 7}


@pytest.mark.parametrize(
    ("name", "value", "direction", "unit", "mode", "shown"),
    [
        ("application.two_new.months", "23", "min", "months", "block", ("23", "24", "JH 1")),
        ("cultivation.review_months", "7", "max", "months", "notice", ("7", "6", "NT 11")),
        ("prospect.hear", "[group, contacts, members]", "superset", "list", "block", ("masses", "NT 13")),
        ("meeting.secret_ballot", "false", "true", "duty", "block", ("False", "True", "NT 21；JH 9")),
        ("publicity.activist.period", "{days: 6}", "all_of", "period", "block", ("days: 6", "days: 7", "JH 6")),
        ("probation.months", "13", "fixed", "months", "block", ("13", "12", "NT 31")),
        ("application.age", "18", "min", "years", "warn", ("warn", "block", "NT 5")),
        ("application.age", "19", "max", "years", "block", ("max", "min", "NT 5")),
        ("application.age", "228", "min", "months", "block", ("months", "years", "NT 5")),
    ],
)
def test_an_overlay_looser_than_its_base_is_refused_with_both_values_and_sources(
    tmp_path, name, value, direction, unit, mode, shown
):
    with pytest.raises(PackError) as refused:
        PolicyBook.load([overlay(tmp_path, parameter(name, value, direction, unit, mode))])
    (message,) = refused.value.fields[name]
    for part in (*shown, "WC 1", "wucheng"):
        assert part in message


@pytest.mark.parametrize(
    ("value", "direction", "unit", "shown"),
    [
        ("10", "min", "days", ("方向", "min", "all_of")),
        ("{days: 10}", "all_of", "span", ("单位", "span", "period")),
        ("[days]", "superset", "period", ("方向", "superset", "all_of")),
    ],
)
def test_an_overlay_of_another_kind_than_a_base_of_a_later_year_is_refused(tmp_path, value, direction, unit, shown):
    """On its own first day nothing stands below it; on the day of the newer base the two would have to be compared."""
    name = "publicity.prospect.period"
    start = dt.date(2015, 1, 1)
    assert not shipped_book().at("jinhua", start).has(name)
    with pytest.raises(PackError) as refused:
        PolicyBook.load([overlay(tmp_path, parameter(name, value, direction, unit), start=str(start))])
    (message,) = refused.value.fields[name]
    for part in (*shown, "WC 1", "wucheng", "national-2026", "NT' 13"):
        assert part in message


def test_a_fixed_parameter_has_one_shape(tmp_path):
    county = overlay(tmp_path, parameter("activist.seal", "red", "fixed", "seal"))
    other = overlay(tmp_path, parameter("activist.seal", "[red]", "fixed", "seal"), county="330703", name="jindong")
    PolicyBook.load([county])
    with pytest.raises(PackError, match=r"值的形式不同：red（wucheng.*另有 \[red\]"):
        PolicyBook.load([county, other])


def test_an_overlay_may_list_nothing(tmp_path):
    """It adds nothing and asks for nothing, and says so."""
    book = PolicyBook.load([overlay(tmp_path, parameter("activist.papers", "[]", "superset", "list"))])
    papers = book.at("jinhua", dt.date(2016, 1, 1), "330702")["activist.papers"]
    assert (papers.value, papers.pack, papers.source) == ((), "wucheng", "WC 1")


def test_a_base_that_became_stricter_later_simply_prevails(tmp_path):
    city = tmp_path / "city.yaml"
    city.write_text(
        "name: jinhua-2020\nlayer: city\nextends: jinhua-2014\ncity: jinhua\ncity_code: '3307'\nfrom: 2020-01-01\nparameters:\n"
        + parameter("publicity.activist.period", "{days: 12}", "all_of", "period"),
        encoding="utf-8",
    )
    county = overlay(tmp_path, parameter("publicity.activist.period", "{days: 10}", "all_of", "period"))
    policy = PolicyBook.load([city, county]).at("jinhua", dt.date(2020, 1, 1), "330702")
    assert policy.value("publicity.activist.period") == {"days": 12}
    assert policy["publicity.activist.period"].pack == "jinhua-2020"
    late = overlay(
        tmp_path, parameter("publicity.activist.period", "{days: 10}", "all_of", "period"), start="2020-01-01", name="late"
    )
    with pytest.raises(PackError):
        PolicyBook.load([city, late])


def test_an_overlay_may_add_a_demand_of_its_own(tmp_path):
    book = PolicyBook.load([overlay(tmp_path, parameter("activist.essay_words", "500", "min", "words"))])
    assert book.at("jinhua", dt.date(2016, 1, 1), "330702").value("activist.essay_words") == 500
    assert not book.at("jinhua", dt.date(2016, 1, 1)).has("activist.essay_words")


def test_an_overlay_may_take_a_waiver_away_but_not_give_one(tmp_path):
    rule = "  {}: {{source: WC 2, mode: {}, stage: application, text: 从严, remedy: 无}}\n"
    strict = PolicyBook.load([overlay(tmp_path, rules=rule.format("application.two_new_loose", "block"))])
    assert not strict.at("jinhua", dt.date(2016, 1, 1), "330702").rule("application.two_new_loose").waivable
    with pytest.raises(PackError) as refused:
        PolicyBook.load([overlay(tmp_path, rules=rule.format("application.age", "warn"))])
    assert "application.age" in refused.value.fields


def test_a_parameter_made_blocking_makes_its_rule_blocking(tmp_path):
    tight = parameter("application.two_new.loose_excluded", "true", "true", "duty", "block")
    policy = PolicyBook.load([overlay(tmp_path, tight)]).at("jinhua", dt.date(2016, 1, 1), "330702")
    assert policy.rule("application.two_new_loose").mode == "block"
    reason = policy.reason("application.two_new_loose", "松散", parameters=("application.two_new.loose_excluded",))
    assert not reason.waivable


@pytest.mark.parametrize(
    "changed",
    [
        {"county": "450102"},
        {"name": "jinhua-2014"},
        {"rules": "  a.r: {source: WC 1, mode: block, stage: talk, text: t, remedy: r, parameters: [no.such]}\n"},
        {"parameters": parameter("vetting.departments.more", "[weather]", "superset", "department codes")},
    ],
)
def test_an_overlay_that_does_not_fit_the_book_is_refused(tmp_path, changed):
    with pytest.raises(PackError):
        PolicyBook.load([overlay(tmp_path, **changed)])


def test_an_overlay_of_a_pack_that_is_not_loaded_is_refused(tmp_path):
    path = overlay(tmp_path)
    path.write_text(path.read_text().replace("jinhua-2014", "jinhua-1999"))
    with pytest.raises(PackError, match="jinhua-1999"):
        PolicyBook.load([path])
    with pytest.raises(PackError):
        PolicyBook.load([tmp_path / "nowhere.yaml"])


def test_a_policy_is_resolved_once_for_all_days_on_which_nothing_changes():
    book = PolicyBook.load()
    for number in range(1000):
        book.at("jinhua", dt.date(2015, 1, 1) + dt.timedelta(days=number))
    assert len(book._resolved) == 1


@pytest.mark.parametrize("city", shipped_book().cities)
def test_on_every_day_a_remembered_policy_is_what_the_packs_say_that_day(city):
    book = PolicyBook.load()
    for edge in book._changes:
        for day in (edge - dt.timedelta(days=1), edge, edge + dt.timedelta(days=1)):
            fresh = Policy(city, None, day, book._chain(city, day, None), book._registry)
            remembered = book.at(city, day)
            assert remembered.on == day
            assert vars(remembered) == vars(fresh)
            assert remembered.departments() == fresh.departments()


@pytest.mark.parametrize(
    ("section", "content", "word"),
    [
        ("departments", "  police:\n    names: [{name: 甲}]\n    asked_until: 2016-01-02\n", "police"),
        ("labels", "  domain: {two_new: 乙}\n", "two_new"),
        ("sources", "  NT: 第 {} 条\n", "NT"),
    ],
)
def test_an_overlay_does_not_speak_anew_of_what_is_registered_below_it(tmp_path, section, content, word):
    """It would speak for every city: a department that is asked no more, a document under another title."""
    path = overlay(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + f"{section}:\n{content}", encoding="utf-8")
    with pytest.raises(PackError, match=word):
        PolicyBook.load([path])
