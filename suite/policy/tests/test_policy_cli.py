"""`xinhuo policy` as people and programs run it."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kernel.policy import shipped_book
from suite.policy.answer import answers, encode
from suite.policy.cli import policy
from suite.policy.rules import RULES

CASE = {"id": "x", "rule": "training.sufficient", "city": "jinhua", "on": "2015-05-01", "facts": {"days": 3, "hours": 0}}


def run(*arguments, given=None):
    return CliRunner().invoke(policy, arguments, input=given)


def batch(*lines):
    text = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    result = run("decide", "--batch", given=text)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def overlay(tmp_path, months):
    path = tmp_path / "wucheng.yaml"
    path.write_text(
        "name: wucheng\nlayer: county\nextends: jinhua-2014\ncity: jinhua\ncounty: '330702'\nfrom: 2016-01-01\nparameters:\n"
        f"  application.two_new.months: {{value: {months}, unit: months, source: WC 1, direction: min, mode: block}}\n"
    )
    return str(path)


def test_there_are_sixteen_rules():
    assert len(RULES) == 16


def test_a_batch_answers_each_line_in_order_and_goes_on_after_an_error():
    status, given = batch(CASE, b"{", {**CASE, "id": "y", "facts": {"days": 0, "hours": 0}})
    assert status == 1
    assert [a["id"] for a in given] == ["x", None, "y"]
    assert given[0] == {"id": "x", "rule": "training.sufficient", "allowed": True, "values": {}, "reasons": []}
    assert [r["rule"] for r in given[2]["reasons"]] == ["training.length"]
    assert {"rule", "source", "message", "fact", "remedy", "waivable"} == given[2]["reasons"][0].keys()


def test_a_refusal_is_an_answer_and_no_error():
    assert batch({**CASE, "facts": {"days": 0, "hours": 0}})[0] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "no.such"}, "rule"),
        ({"rule": None}, "rule"),
        ({"rule": ["training.sufficient"]}, "rule"),
        ({"rule": "satisfaction.score", "facts": {"very": 1, "satisfied": 0, "basically": 0, "not": 0}}, "parameter"),
        ({"city": "taizhou"}, "city"),
        ({"city": 1}, "city"),
        ({"county": 330702}, "county"),
        ({"county": "450102"}, "county"),
        ({"on": "2015-5-1"}, "on"),
        ({"on": "20150501"}, "on"),
        ({"on": "2015-W10-1"}, "on"),
        ({"on": "2015-02-29"}, "on"),
        ({"on": None}, "on"),
        ({"facts": None}, "facts"),
        ({"facts": []}, "facts"),
        ({"facts": {"days": 3}}, "hours"),
        ({"facts": {"days": 3, "hours": True}}, "hours"),
        ({"facts": {"days": 3, "hours": 1.0}}, "hours"),
        ({"facts": {"days": 3, "hours": "1"}}, "hours"),
        ({"facts": {"days": 3, "hours": None}}, "hours"),
        ({"facts": {"days": 3, "hours": 1, "weeks": 1}}, "weeks"),
        ({"facts": {"days": -1, "hours": 1}}, "days"),
    ],
)
def test_what_cannot_be_judged_is_answered_with_an_error_that_names_the_field(change, field):
    status, (given,) = batch({**CASE, **change})
    assert status == 1
    assert given.keys() == {"id", "error"}
    assert given["error"]["field"] == field
    assert given["error"]["code"] and given["error"]["message"]


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"null", b"\xff", b'{"id": NaN}', b'{"id": 1, "id": 2}', b"[" * 100_000, b"9" * 5000]
)
def test_a_line_that_is_no_case_is_answered_and_the_run_goes_on(line):
    status, given = batch(line, CASE)
    assert status == 1
    assert "error" in given[0] and given[1]["allowed"]


def test_nested_faults_are_named_by_their_path():
    facts = {"term_start": "2013-10-08", "assessments": [{"year": 1, "passed": 1}]}
    _, (given,) = batch({**CASE, "rule": "organizer.renewal", "city": "nanning", "facts": facts})
    assert given["error"]["field"] == "assessments.0.passed"


@pytest.mark.parametrize("name", ["\ud800", "", 7, 1.5, True, None, [1, {"a": "薪火"}], {"a": []}])
def test_an_id_comes_back_as_it_was_whatever_json_it_is(name):
    _, given = batch({**CASE, "id": name}, {**CASE, "id": name, "rule": "no.such"})
    assert [a["id"] for a in given] == [name, name]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_what_is_no_number_is_ill_typed_and_the_case_is_named(number):
    line = json.dumps(CASE).replace('"hours": 0', f'"hours": {number}').encode()
    status, (given,) = batch(line)
    assert status == 1
    assert (given["id"], given["error"]["field"]) == ("x", "hours")
    _, (given,) = batch(json.dumps(CASE).replace('"x"', number).encode())
    assert given["id"] == number


def test_a_number_of_thousands_of_digits_is_judged_exactly():
    facts = {"planned": 1, "actual": 10**4299}
    status, (given,) = batch({**CASE, "rule": "plan.deviation", "city": "nanning", "facts": facts})
    assert status == 0
    assert given["values"] == {"deviation": "9" * 4299 + ".0000", "beyond": True}


def test_a_school_may_be_described_as_fully_as_a_unit_of_work():
    school = {"has_organisation": True, "domain": "university", "months": 20, "contract": False, "loose": False}
    flags = {"rural_registration": True, "village_committee_member": False, "works_and_lives_at_registered_place": False}
    facts = {"main": "study", "work": None, "study": school, **flags}
    _, (given,) = batch({**CASE, "rule": "application.organisation", "facts": facts})
    assert given["values"] == {"accepts": "study"}


def test_a_date_that_rests_on_a_year_not_announced_is_provisional():
    facts = {"from": "2099-12-30", "days": 5}
    _, (given,) = batch({**CASE, "rule": "workdays.due", "facts": facts})
    assert given["provisional"] is True


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted({name.rstrip("_") for rule in RULES.values() for name in rule.facts.__dataclass_fields__})


@given(
    st.sampled_from(sorted(RULES)),
    st.sampled_from(["jinhua", "nanning"]),
    st.dates().map(str),
    st.dictionaries(
        st.sampled_from(FIELDS), json_values | st.dates().map(str) | st.integers(-3, 400) | st.sampled_from(["work", "near"])
    ),
)
def test_whatever_stands_in_a_case_is_answered(rule, city, on, facts):
    line = json.dumps({"id": 1, "rule": rule, "city": city, "on": on, "facts": facts}).encode()
    ((answered, is_answer),) = answers([line], shipped_book())
    assert json.loads(encode(answered))["id"] == 1
    assert is_answer is ("allowed" in answered) is not ("error" in answered)


@given(st.binary(max_size=60))
def test_whatever_stands_in_a_line_is_answered(line):
    ((answered, _),) = answers([line], shipped_book())
    assert encode(answered).endswith(b"\n")


@pytest.mark.catalogue("X6")
def test_one_rule_is_answered_for_people_with_the_articles():
    facts = json.dumps({"meeting": "2015-03-30", "leaves": "2015-06-30"})
    result = run("decide", "admission.leaving", "--city", "jinhua", "--on", "2015-03-30", "--facts", facts)
    assert result.exit_code == 0
    for part in ("不允许", "admission.leaving", "第 19 条", "第 12 条", "如何通过", "写明理由"):
        assert part in result.stdout


def test_what_is_computed_is_named_in_chinese_and_claims_no_permission():
    result = run("decide", "vetting.departments", "--city", "nanning", "--on", "2021-08-20", "--facts", '{"group": "student"}')
    for part in ("南宁市", "必须征求（always）", "共青团组织（youth_league）", "family_planning（不再征求）", "第 3(5) 部分"):
        assert part in result.stdout
    assert "结论" not in result.stdout
    facts = json.dumps({"state": "near", "severity": "minor", "current": "oral", "overdue": True})
    result = run("decide", "warning.level", "--city", "nanning", "--on", "2021-08-20", "--facts", facts)
    assert "预警等级（level）" in result.stdout and "函告督办（letter）" in result.stdout


def test_every_item_that_a_rule_computes_has_a_chinese_name():
    names = shipped_book().at("nanning", dt.date(2026, 11, 22)).labels("result")
    lines = (Path(__file__).parents[3] / "tests/contract/vectors/open.jsonl").read_bytes().splitlines()
    computed = {item for answered, _ in answers(lines, shipped_book()) for item in answered.get("values", {})}
    assert computed == names.keys()


def test_one_rule_is_answered_for_programs():
    facts = json.dumps({"days": 2, "hours": 24})
    result = run("decide", "training.sufficient", "--city", "jinhua", "--on", "2015-03-30", "--facts", facts, "--json")
    assert json.loads(result.stdout) == {"rule": "training.sufficient", "allowed": True, "values": {}, "reasons": []}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["decide"], 2),
        (["decide", "training.sufficient", "--city", "jinhua", "--on", "yesterday", "--facts", "{}"], 2),
        (["decide", "training.sufficient", "--city", "jinhua", "--on", "2015-01-01", "--facts", "{"], 1),
        (["decide", "training.sufficient", "--city", "jinhua", "--on", "2015-01-01", "--facts", "{}"], 1),
        (["show", "--city", "taizhou", "--on", "2015-01-01"], 1),
        (["lint", "no-such-file.yaml"], 2),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments, status):
    result = run(*arguments)
    assert result.exit_code == status
    assert result.stderr and "Traceback" not in result.output


def test_what_is_in_force_is_shown_with_its_sources():
    result = run("show", "--city", "nanning", "--on", "2026-11-22")
    assert result.exit_code == 0
    for part in (
        "national-2026",
        "publicity.prospect.period",
        "5 个工作日且5 天",
        "NT' 13；NN 3(4)",
        "未证实",
        "不再征求",
        "NN：南宁市",
    ):
        assert part in result.stdout


def test_what_is_in_force_is_shown_for_programs(tmp_path):
    arguments = (
        "show",
        "--city",
        "jinhua",
        "--on",
        "2016-01-01",
        "--county",
        "330702",
        "--json",
        "--pack",
        overlay(tmp_path, 36),
    )
    shown = json.loads(run(*arguments).stdout)
    parameter = shown["parameters"]["application.two_new.months"]
    assert (parameter["value"], parameter["pack"], parameter["source"]) == (36, "wucheng", "WC 1")
    assert [c["prevails"] for c in parameter["contributions"]] == [False, True]


def test_a_good_overlay_passes_the_check_and_a_looser_one_does_not(tmp_path):
    assert run("lint", overlay(tmp_path, 36)).exit_code == 0
    looser = run("lint", overlay(tmp_path, 12))
    assert looser.exit_code == 1
    for part in ("application.two_new.months", "12", "24", "WC 1", "JH 1"):
        assert part in looser.stderr


def test_the_check_finds_what_would_meet_only_years_later(tmp_path):
    path = Path(overlay(tmp_path, 36))
    name, entry = "publicity.prospect.period", "{value: 10, unit: days, source: WC 2, direction: min, mode: block}"
    path.write_text(path.read_text() + f"  {name}: {entry}\n")
    checked = run("lint", str(path))
    assert checked.exit_code == 1
    for part in (name, "min", "all_of", "WC 2", "national-2026"):
        assert part in checked.stderr


def test_the_check_points_at_a_parameter_that_nobody_else_has(tmp_path):
    path = Path(overlay(tmp_path, 36))
    assert "注意" not in run("lint", str(path)).output
    path.write_text(path.read_text().replace("application.two_new.months", "aplication.two_new.months"))
    checked = run("lint", str(path))
    assert checked.exit_code == 0
    assert "aplication.two_new.months：注意" in checked.stderr
