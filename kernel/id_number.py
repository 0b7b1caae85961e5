"""The citizen identification number of 18 characters: check, mask, birth date, sex.

Shape (GB 11643-1999): six digits of the division where it was issued, eight of the birth date, three in sequence
(odd: male, even: female), one check character by ISO 7064 MOD 11-2 (`X` stands for ten). Pure: reads no clock;
messages are for people.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from kernel.errors import Invalid

Sex = Literal["male", "female"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_NEARLY = re.compile(r"[0-9]{14,19}[0-9A-Z]")
_OLD = re.compile(r"[0-9]{15}")
# What a spreadsheet makes of a long number: 1.6672E+17, 3.30702199001011E+17, 330702199001010000.0
_SPREADSHEET = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}|[0-9]{15,18}\.0+")
# The first two digits: provinces, and the residence permits of Hong Kong, Macao, Taiwan and of foreigners.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_EARLIEST_BIRTH = date(1900, 1, 1)
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"))


class IdFault(NamedTuple):
    """What is wrong with a number: a stable code and a Chinese sentence that never contains the number."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that has passed `check`. Its `repr` is masked, so that no log or traceback spells it out."""

    number: str
    born: date
    sex: Sex

    def __repr__(self) -> str:
        return f"IdNumber({mask(self.number)})"

    @property
    def division(self) -> str:
        """The six-digit code of the division that issued it (which may have been renamed or merged since)."""
        return self.number[:6]


def normalise(text: str) -> str:
    """As it should be kept: half-width, upper case, without blanks, invisible marks and a leading apostrophe."""
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return "".join(plain.split()).lstrip("'‘’").upper()


def check_character(first_17: str) -> str:
    """The 18th character that belongs to 17 digits. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def damaged_by_spreadsheet(text: str) -> bool:
    """Whether the text is what a spreadsheet leaves of a long number that it took for a quantity."""
    return _SPREADSHEET.fullmatch(normalise(text)) is not None


def check(text: str, on: date | None = None) -> IdFault | None:
    """The first fault of `text` as an identification number, or None. With `on`, nobody is born after that day."""
    number = normalise(text)
    if fault := _fault_of_shape(number):
        return fault
    if not _PROVINCES.match(number):
        return IdFault("id_number.region", "身份证号码前两位不是有效的省级代码")
    born = _date(number[6:14])
    if born is None or born < _EARLIEST_BIRTH:
        return IdFault("id_number.birth", "身份证号码中的出生日期不存在")
    if on is not None and born > on:
        return IdFault("id_number.birth", "身份证号码中的出生日期晚于今天")
    if check_character(number[:17]) != number[17]:
        if number.endswith("000"):
            return IdFault("id_number.spreadsheet", "身份证号码末三位变成了 000：已被表格软件截断，请将该列设为“文本”后重新填写")
        return IdFault("id_number.checksum", "身份证号码校验位不符，请核对是否有误录")
    return None


def parse(text: str, on: date | None = None, field: str = "id_number") -> IdNumber:
    """Check and take apart. Raises `Invalid` under `field`, without repeating the number."""
    if fault := check(text, on):
        raise Invalid({field: [fault.message]})
    number = normalise(text)
    return IdNumber(number, birth(number), sex(number))


def birth(number: str) -> date:
    """The birth date in a checked number."""
    born = _date(number[6:14])
    if born is None:
        raise Invalid({"id_number": ["身份证号码中的出生日期不存在"]})
    return born


def sex(number: str) -> Sex:
    """The sex in a checked number: the 17th digit, odd for male."""
    return "male" if int(number[16]) % 2 else "female"


def mask(text: str) -> str:
    """For screens, messages and logs: the first three and the last two characters, 13 stars between.

    Three digits name the province and little more; two at the end let a clerk tell namesakes apart. Text that is not
    nearly a number (someone pasted something else) is masked altogether, since nobody knows what it is.
    """
    number = normalise(text)
    if not _NEARLY.fullmatch(number) or damaged_by_spreadsheet(number):
        return "*" * 18
    return f"{number[:3]}{'*' * 13}{number[-2:]}"


def _fault_of_shape(number: str) -> IdFault | None:
    if not number:
        return IdFault("id_number.missing", "缺少身份证号码")
    if damaged_by_spreadsheet(number):
        return IdFault(
            "id_number.spreadsheet",
            "身份证号码已被表格软件变成科学计数法（如 1.6672E+17），后几位已丢失：请将该列设为“文本”后重新填写",
        )
    if _OLD.fullmatch(number):
        return IdFault("id_number.old", "15 位的旧号码已停用，请填写 18 位身份证号码")
    if len(number) != 18:
        return IdFault("id_number.length", f"身份证号码应为 18 位，现为 {len(number)} 位")
    if not _SHAPE.fullmatch(number):
        return IdFault("id_number.characters", "身份证号码只能由数字组成，末位可为 X")
    return None


def _date(eight_digits: str) -> date | None:
    try:
        return date(int(eight_digits[:4]), int(eight_digits[4:6]), int(eight_digits[6:]))
    except ValueError:
        return None  # a day that the calendar does not have is an answer here, not an accident
