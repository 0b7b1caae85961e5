"""Overlays, whatever they say: what loads is never looser, and what is looser never loads."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kernel.policy import PackError, PolicyBook, shipped_book
from kernel.policy.packs import read_pack
from kernel.policy.strictness import is_looser, strictest

START = date(2016, 1, 1)
SHIPPED = shipped_book().packs
BASE = shipped_book().at("jinhua", START)

numbers = st.integers(0, 40)
words = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True).map(tuple)
periods = st.dictionaries(st.sampled_from(["days", "workdays"]), st.integers(1, 20), min_size=1)
directions = st.one_of(
    st.tuples(st.just("min"), numbers, numbers, numbers),
    st.tuples(st.just("max"), numbers, numbers, numbers),
    st.tuples(st.just("superset"), words, words, words),
    st.tuples(st.just("true"), st.booleans(), st.booleans(), st.booleans()),
    st.tuples(st.just("all_of"), periods, periods, periods),
)
NUMERIC = [n for n in BASE.names() if BASE[n].direction in ("min", "max", "fixed") and type(BASE[n].value) is int]
#: All that any pack states, now or one day.
STATED = sorted({entry.name: entry for pack in SHIPPED for entry in pack.parameters}.items())
values = st.one_of(
    st.tuples(st.sampled_from(["min", "max", "fixed"]), numbers),
    st.tuples(st.just("superset"), words.map(list)),
    st.tuples(st.sampled_from(["true", "fixed"]), st.booleans()),
    st.tuples(st.sampled_from(["all_of", "fixed"]), periods),
)


def county_book(name, value, start=START, **changes):
    base = BASE[name] if BASE.has(name) else None
    kind = {"unit": base.unit, "direction": base.direction, "mode": base.mode} if base else {}
    stated = {"value": value, "source": "WC 1", **kind}
    pack = {
        "name": "wucheng",
        "layer": "county",
        "extends": "jinhua-2014",
        "city": "jinhua",
        "county": "330702",
        "from": start,
        "parameters": {name: {**stated, **changes}},
    }
    return PolicyBook([*SHIPPED, read_pack(yaml.safe_dump(pack, allow_unicode=True), "wucheng.yaml")])


def same(direction, one, other):
    return set(one) == set(other) if direction == "superset" else one == other


@given(directions)
def test_the_strictest_of_two_is_looser_than_neither(case):
    direction, one, other, _ = case
    both = strictest(direction, one, other)
    assert not is_looser(direction, one, both)
    assert not is_looser(direction, other, both)


@given(directions)
def test_the_strictest_does_not_depend_on_the_order(case):
    direction, one, other, third = case
    assert same(direction, strictest(direction, one, other), strictest(direction, other, one))
    assert same(direction, strictest(direction, one, one), one)
    left = strictest(direction, strictest(direction, one, other), third)
    assert same(direction, left, strictest(direction, one, strictest(direction, other, third)))


@given(st.sampled_from(NUMERIC), st.integers(0, 100))
def test_an_overlay_loads_exactly_when_it_is_not_looser(name, value):
    base = BASE[name]
    if is_looser(base.direction, base.value, value):
        with pytest.raises(PackError) as refused:
            county_book(name, value)
        (message,) = refused.value.fields[name]
        assert str(value) in message and str(base.value) in message and "WC 1" in message and base.source in message
    else:
        policy = county_book(name, value).at("jinhua", START, "330702")
        assert not is_looser(base.direction, base.value, policy.value(name))


@given(st.sampled_from(STATED), values, st.booleans(), st.booleans(), st.dates(date(2013, 1, 1), date(2027, 1, 1)))
def test_what_loads_can_be_resolved_on_every_day(stated, case, alike, same_unit, start):
    """Whatever a county says of a parameter, and from when: also on the day on which a newer base begins."""
    name, entry = stated
    direction, value = (entry.direction, plain(entry.value)) if alike else case
    try:
        book = county_book(name, value, start, direction=direction, unit=entry.unit if same_unit else "span", mode="block")
    except PackError as refused:
        assert name in refused.fields
        return
    for day in book._changes:
        assert book.at("jinhua", day, "330702").names()


def plain(value):
    """As YAML has it."""
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return {key: plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value


@given(st.integers(0, 20), st.integers(0, 5000))
def test_no_day_is_looser_in_the_county_than_in_the_city(extra, after):
    name = "application.two_new.months"
    book = county_book(name, BASE.value(name) + extra)
    day = START + timedelta(days=after)
    city, county = book.at("jinhua", day), book.at("jinhua", day, "330702")
    for parameter in city.names():
        assert not is_looser(city[parameter].direction, city.value(parameter), county.value(parameter))
    assert county.value(name) == BASE.value(name) + extra


@given(st.dates(date(2010, 1, 1), date(2030, 12, 31)), st.sampled_from(["jinhua", "nanning"]))
def test_no_day_of_a_city_is_looser_than_the_nation(day, city):
    book = shipped_book()
    other = "nanning" if city == "jinhua" else "jinhua"
    national = set(book.at(city, day).names()) & set(book.at(other, date(2010, 1, 1)).names())
    for name in national:
        effective = book.at(city, day)[name]
        for stated in effective.contributions:
            assert not is_looser(effective.direction, stated.value, effective.value)
