"""Answering a rule: a case in, an answer or an error out; nothing that is written in a case makes it stop."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from kernel.encoding import each_name_once
from kernel.errors import Invalid
from kernel.policy import Decision, Policy, PolicyBook
from suite.policy.facts import load_facts, parse_day
from suite.policy.rules import RULES


class BadCase(Invalid):
    """A case that is not one: no JSON, no object, no such rule."""

    code = "bad case"


def answers(lines: Iterable[bytes], book: PolicyBook) -> Iterator[tuple[dict[str, Any], bool]]:
    """One answer per line, in order; the flag says if it is an answer (True) or an error."""
    for line in lines:
        try:
            case = read_case(line)
        except BadCase as error:
            yield {"id": None, "error": error_of(error)}, False
            continue
        yield answer(case, book)


def answer(case: Mapping[str, Any], book: PolicyBook) -> tuple[dict[str, Any], bool]:
    """The answer carries the case's `id` back as it was given, whatever JSON it is."""
    name = case.get("id")
    try:
        rule, policy = ask(case, book)
        decision = judge_case(rule, case.get("facts"), policy)
    except Invalid as error:
        return {"id": name, "error": error_of(error)}, False
    return {"id": name, "rule": rule, **rendered(decision)}, True


def read_case(line: bytes) -> dict[str, Any]:
    """Raises `BadCase` for what is not one JSON object with each key once."""
    try:
        case = json.loads(line.decode("utf-8"), object_pairs_hook=each_name_once, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise BadCase({"line": [f"不是可读的 JSON：{error}"]}) from error
    if not isinstance(case, dict):
        raise BadCase({"line": ["须为 JSON 对象"]})
    return case


def ask(case: Mapping[str, Any], book: PolicyBook) -> tuple[str, Policy]:
    """The rule asked for and the policy to judge by. Raises `Invalid`."""
    rule, city, county = case.get("rule"), case.get("city"), case.get("county")
    if not isinstance(rule, str):
        raise BadCase({"rule": ["缺少规则的名称"]})
    if rule not in RULES:
        raise BadCase({"rule": [f"未知的规则“{rule}”"]}, f"未知的规则“{rule}”")
    if not isinstance(city, str):
        raise BadCase({"city": ["缺少城市"]})
    if county is not None and not isinstance(county, str):
        raise BadCase({"county": ["须为六位代码"]})
    return rule, book.at(city, read_day(case.get("on")), county)


def read_day(value: Any) -> dt.date:
    try:
        return parse_day(value)
    except ValueError as error:
        raise BadCase({"on": [str(error)]}) from error


def judge_case(rule: str, facts: Any, policy: Policy) -> Decision:
    """Raises `Invalid` for ill-typed or impossible facts, `NotInForce` for a rule that the packs do not know."""
    known = RULES[rule]
    return known.decide(load_facts(known.facts, facts), policy)


def rendered(decision: Decision) -> dict[str, Any]:
    answered: dict[str, Any] = {
        "allowed": decision.allowed,
        "values": {name: plain(value) for name, value in decision.values.items()},
        "reasons": [
            {
                "rule": reason.rule,
                "source": reason.source,
                "message": reason.message,
                "fact": plain(reason.fact),
                "remedy": reason.remedy,
                "waivable": reason.waivable,
            }
            for reason in decision.reasons
        ],
    }
    return answered | ({"provisional": True} if decision.provisional else {})


def error_of(error: Invalid) -> dict[str, Any]:
    """`field` is the first faulty one."""
    return {"code": error.code, "message": error.message, "field": next(iter(error.fields))}


def plain(value: Any) -> Any:
    """JSON's types: dates as ISO text, decimals as text with all their places."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def encode(answered: Mapping[str, Any]) -> bytes:
    """A lone surrogate, which JSON can carry and UTF-8 cannot, is written as JSON's own escape."""
    text = json.dumps(answered, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _number(text: str) -> float | str:
    """What is too large for a float stays text, as NaN does: no fact takes it, and the answer can still name the case."""
    number = float(text)
    return number if isfinite(number) else text
