"""Which of two values of a parameter is the stricter, by the parameter's direction.

min       a minimum: the larger is stricter            max     a maximum: the smaller is stricter
superset  a list that all belong to: union             true    a duty: on is stricter than off
all_of    {unit: least number}, each must hold         fixed   an overlay may not change it
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

DIRECTIONS: Final = ("min", "max", "superset", "true", "all_of", "fixed")
PERIOD_UNITS: Final = ("days", "workdays", "months")
"""What a period may be counted in; `kernel.workdays` counts them."""
WHOLE_UNITS: Final = frozenset({*PERIOD_UNITS, "years", "hours", "persons", "times"})
"""Nobody waits for half a day: a parameter in one of these units is a whole number."""
MODES: Final = ("block", "warn", "notice")
"""From strict to lenient. `block` refuses; `warn` refuses unless a written reason is recorded; `notice` says it in an
event (something is overdue) and refuses nothing."""


def fault_of(direction: str, value: Any) -> str | None:
    """What is wrong with the type of `value` under `direction`, or None."""
    match direction:
        case "min" | "max":
            ok = _is_number(value) and value >= 0
            return None if ok else "须为不小于 0 的数"
        case "superset":
            ok = isinstance(value, tuple) and all(isinstance(v, str) for v in value) and len(set(value)) == len(value)
            return None if ok else "须为不重复的词的列表"
        case "true":
            return None if isinstance(value, bool) else "须为 true 或 false"
        case "all_of":
            ok = (
                isinstance(value, Mapping)
                and bool(value)
                and all(unit in PERIOD_UNITS and type(n) is int and n >= 0 for unit, n in value.items())
            )
            return None if ok else f"须为“单位: 整数”的映射，单位可用：{'、'.join(PERIOD_UNITS)}"
        case "fixed":
            return None if value is not None else "不能为空"
    return f"方向未知，可用：{'、'.join(DIRECTIONS)}"


def is_looser(direction: str, base: Any, overlay: Any) -> bool:
    """True if `overlay` allows something that `base` forbids.

    Under `all_of` an overlay that is silent about one of the base's units is not looser: both lists hold together.
    """
    match direction:
        case "min":
            return bool(overlay < base)
        case "max":
            return bool(overlay > base)
        case "superset":
            return not set(base) <= set(overlay)
        case "true":
            return bool(base) and not overlay
        case "all_of":
            return any(unit in overlay and overlay[unit] < least for unit, least in base.items())
        case "fixed":
            return bool(base != overlay)
    raise ValueError(direction)


def strictest(direction: str, base: Any, overlay: Any) -> Any:
    """The value that satisfies both. Under `fixed` the base stands."""
    match direction:
        case "min":
            return max(base, overlay)
        case "max":
            return min(base, overlay)
        case "superset":
            return tuple(dict.fromkeys((*base, *overlay)))
        case "true":
            return bool(base or overlay)
        case "all_of":
            units = dict.fromkeys((*base, *overlay))
            return MappingProxyType({u: max(base.get(u, 0), overlay.get(u, 0)) for u in units})
        case "fixed":
            return base
    raise ValueError(direction)


def strictest_mode(*modes: str) -> str:
    return min(modes, key=MODES.index)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
