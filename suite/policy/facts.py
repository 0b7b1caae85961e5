"""A marshmallow schema for a facts dataclass, made from its annotations: strict types, unknown fields refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, post_load
from marshmallow import fields as ma

from kernel.errors import Invalid

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(value: Any) -> dt.date:
    """Raises `ValueError`, worded for people. `date.fromisoformat` alone takes 20150302 and 2015-W10-1 too."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise ValueError("须为日期（如 2015-03-02）")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("日历上没有这一天") from None


class IsoDate(ma.Field[dt.date]):
    """`2015-03-02` and no other way of writing it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dt.date:
        try:
            return parse_day(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class StrictBool(ma.Field[bool]):
    """true or false; not 1, not "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("须为 true 或 false")
        return value


class StrictInt(ma.Field[int]):
    """A whole number; not true, not 3.0, not "3"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("须为整数")
        return value


class StrictText(ma.Field[str]):
    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("须为文字")
        return value


_FIELDS: dict[Any, type[ma.Field[Any]]] = {dt.date: IsoDate, bool: StrictBool, int: StrictInt, str: StrictText}
_MESSAGES = {"required": "缺少", "null": "不能为空"}


class FactsSchema(Schema):
    """Loads a mapping into the dataclass it was made for."""

    facts_class: ClassVar[type]
    error_messages = {"unknown": "未知的项", "type": "须为对象"}

    class Meta:
        unknown = RAISE

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        return self.facts_class(**data)


@cache
def schema_of(facts_class: type) -> FactsSchema:
    """A trailing underscore of a field (`from_`, `not_`: Python's own words) is not part of its name outside."""
    hints = get_type_hints(facts_class)
    members: dict[str, Any] = {f.name: _field(f, hints[f.name]) for f in fields(facts_class)}
    made = type(f"{facts_class.__name__}Schema", (FactsSchema,), {**members, "facts_class": facts_class})
    schema: FactsSchema = made()
    return schema


def load_facts(facts_class: type, raw: Any) -> Any:
    """The facts as the dataclass. Raises `Invalid` naming every ill-typed, missing or unknown field."""
    try:
        return schema_of(facts_class).load(raw)
    except ValidationError as error:
        raise Invalid(dict(_flat(error.messages))) from error


def _field(field: Field[Any], hint: Any) -> ma.Field[Any]:
    options: dict[str, Any] = {"data_key": field.name.rstrip("_"), "error_messages": _MESSAGES}
    if get_origin(hint) is UnionType:
        hint = next(arm for arm in get_args(hint) if arm is not NoneType)
        options["allow_none"] = True
    options["required"] = field.default is MISSING
    if get_origin(hint) is tuple:
        return ma.List(ma.Nested(schema_of(get_args(hint)[0]), **_worded({}, "须为对象")), **_worded(options, "须为列表"))
    if is_dataclass(hint):
        return ma.Nested(schema_of(hint), **_worded(options, "须为对象"))  # type: ignore[arg-type]
    return _FIELDS[hint](**options)


def _worded(options: dict[str, Any], wrong_type: str) -> dict[str, Any]:
    return {**options, "error_messages": {**_MESSAGES, "invalid": wrong_type, "type": wrong_type}}


def _flat(messages: Any, path: str = "") -> list[tuple[str, list[str]]]:
    """{"work": {"months": ["…"]}} becomes [("work.months", ["…"])]; `_schema` is the whole."""
    if isinstance(messages, dict):
        found = []
        for key, value in messages.items():
            step = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            found += _flat(value, step)
        return found
    return [(path or "facts", [str(message) for message in messages])]
