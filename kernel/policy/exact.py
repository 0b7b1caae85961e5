"""Exact numbers: shares are compared as fractions and rounded only for people."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

PER_CENT = 100


def half_up(value: Fraction, places: int) -> Decimal:
    """A share or score of 0 or more, rounded half up, with all its decimals shown ("72.00")."""
    scaled = (value * 10**places * 2 + 1) // 2
    # By Decimal's own digits: `str` refuses whole numbers of more than 4,300 of them.
    return Decimal((0, Decimal(scaled).as_tuple().digits, -places))


def reaches(part: int, whole: int, percent: int | Decimal) -> bool:
    """`part` is at least `percent` of `whole`."""
    return part * PER_CENT >= Fraction(percent) * whole


def exceeds(part: int, whole: int, percent: int | Decimal) -> bool:
    """`part` is more than `percent` of `whole`."""
    return part * PER_CENT > Fraction(percent) * whole
