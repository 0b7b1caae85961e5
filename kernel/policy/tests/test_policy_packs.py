"""How a pack is read: every fault is found, with its place."""

import datetime as dt
from decimal import Decimal

import pytest

from kernel.policy import PackError
from kernel.policy.packs import read_pack

HEAD = "name: p\nlayer: city\nextends: national-2014\ncity: jinhua\ncity_code: '3307'\nfrom: 2020-01-01\n"
GOOD = "parameters:\n  a.b: {value: 3, unit: days, source: X 1, direction: min, mode: block}\n"


def faults_of(text):
    with pytest.raises(PackError) as error:
        read_pack(text, "p.yaml")
    return error.value.fields


def test_a_good_pack_is_read():
    pack = read_pack(HEAD + GOOD, "p.yaml")
    (entry,) = pack.parameters
    assert (entry.name, entry.value, entry.unit, entry.source, entry.pack) == ("a.b", 3, "days", "X 1", "p")
    assert pack.in_force(dt.date(2020, 1, 1)) and not pack.in_force(dt.date(2019, 12, 31))


def test_numbers_are_exact():
    pack = read_pack(HEAD + GOOD.replace("value: 3, unit: days", "value: 1.5, unit: percent"), "p.yaml")
    assert pack.parameters[0].value == Decimal("1.5") and not isinstance(pack.parameters[0].value, float)


def test_an_unquoted_true_is_the_direction_true():
    text = "parameters:\n  a.b: {value: true, unit: duty, source: X 1, direction: true, mode: block}\n"
    assert read_pack(HEAD + text, "p.yaml").parameters[0].direction == "true"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- a list", "p.yaml"),
        ("a: [", "p.yaml"),
        ("a: 1\na: 2", "p.yaml"),
        ("1: a number as a key", "p.yaml"),
        (HEAD + "colour: red\n", "pack"),
        (HEAD.replace("city: jinhua\n", "") + GOOD, "pack"),
        (HEAD.replace("from: 2020-01-01", "from: '2020-01-01'"), "pack"),
        (HEAD + "until: 2020-01-01\n", "pack"),
        (HEAD + "county: '330702'\n", "pack"),
        (HEAD.replace("layer: city", "layer: village"), "pack"),
        (HEAD + GOOD.replace("source: X 1, ", ""), "a.b"),
        (HEAD + GOOD.replace("mode: block", "mode: never"), "a.b"),
        (HEAD + GOOD.replace("direction: min", "direction: up"), "a.b"),
        (HEAD + GOOD.replace("value: 3", "value: true"), "a.b"),
        (HEAD + GOOD.replace("value: 3", "value: -1"), "a.b"),
        (HEAD + GOOD.replace("value: 3", "value: three"), "a.b"),
        (HEAD + GOOD.replace("unit: days", "unit: days, colour: red"), "a.b"),
        (HEAD + GOOD.replace("min", "superset").replace("value: 3", "value: [x, x]"), "a.b"),
        (HEAD + GOOD.replace("min", "all_of").replace("value: 3", "value: {}"), "a.b"),
        (HEAD + GOOD.replace("min", "all_of").replace("value: 3", "value: {fortnights: 1}"), "a.b"),
        (HEAD + GOOD.replace("min", "all_of").replace("value: 3", "value: {days: 1.5}"), "a.b"),
        (HEAD + GOOD.replace("value: 3", "value: 1.5"), "a.b"),
        (HEAD + GOOD.replace("min", "'true'"), "a.b"),
        (HEAD + "parameters:\n  a.b: 3\n", "a.b"),
        (HEAD + "rules:\n  a.r: {source: X, mode: block, stage: 3, text: t, remedy: r}\n", "a.r"),
        (HEAD + "rules:\n  a.r: {source: X, mode: block, stage: talk, text: t}\n", "a.r"),
        (HEAD + "departments:\n  police: {names: 公安}\n", "police"),
    ],
)
def test_a_faulty_pack_is_refused_with_the_place(text, place):
    assert place in faults_of(text)


def test_all_faults_are_named_at_once():
    bad = GOOD.replace("mode: block", "mode: never") + GOOD.replace("parameters:\n", "").replace("a.b", "c.d").replace("3", "x")
    assert {"a.b", "c.d"} <= faults_of(HEAD + bad).keys()
