"""Impossible facts: collected field by field and raised together, before any rule is judged."""

from __future__ import annotations

from collections.abc import Collection

from kernel.errors import Invalid


class Faults:
    """Collects what is wrong with the facts; as a context manager it raises `Invalid` at the end of the block.

    >>> with Faults() as faults:
    ...     faults.unless(present <= entitled, "present", "到会人数多于应到人数")
    """

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None and self.fields:
            raise Invalid(self.fields)

    def add(self, field: str, message: str) -> None:
        self.fields.setdefault(field, []).append(message)

    def unless(self, holds: bool, field: str, message: str) -> None:
        """Note the fault `message` at `field` unless `holds`."""
        if not holds:
            self.add(field, message)

    def not_negative(self, **counts: int) -> None:
        """Every count is 0 or more. A trailing underscore (for Python's own words) is not part of the field's name."""
        for name, count in counts.items():
            self.unless(count >= 0, name.rstrip("_"), "不能为负数")

    def one_of(self, field: str, value: str, known: Collection[str]) -> None:
        self.unless(value in known, field, f"未知的取值“{value}”，可用：{'、'.join(sorted(known))}")
