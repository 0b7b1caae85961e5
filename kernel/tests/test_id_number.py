from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import id_number
from kernel.errors import Invalid

GOOD = "11010519491231002X"  # the example of GB 11643-1999

days = st.dates(date(1900, 1, 1), date(2026, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first = f"{draw(st.sampled_from(['330702', '450103', '110105']))}{draw(days):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + id_number.check_character(first)


def test_the_example_of_the_standard_is_valid() -> None:
    assert id_number.check(GOOD) is None
    parsed = id_number.parse(GOOD)
    assert (parsed.born, parsed.sex, parsed.division) == (date(1949, 12, 31), "female", "110105")


@pytest.mark.parametrize(
    "text",
    [" 11010519491231002x ", "'11010519491231002X", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X"],
)
def test_what_only_looks_different_is_the_same_number(text: str) -> None:
    assert id_number.parse(text).number == GOOD


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "id_number.missing"),
        ("1.6672E+17", "id_number.spreadsheet"),
        ("3.30702199001011e+17", "id_number.spreadsheet"),
        ("330702199001010000.0", "id_number.spreadsheet"),
        ("110105194912311000", "id_number.spreadsheet"),
        ("330702900101123", "id_number.old"),
        ("11010519491231002", "id_number.length"),
        ("11010519491231002A", "id_number.characters"),
        ("1101051949123100٢X", "id_number.characters"),
        ("99010519491231002X", "id_number.region"),
        ("110105194902310021", "id_number.birth"),
        ("110105189912310021", "id_number.birth"),
        ("110105194912310021", "id_number.checksum"),
    ],
)
def test_each_fault_has_its_own_explanation_and_does_not_repeat_the_number(text: str, code: str) -> None:
    fault = id_number.check(text)
    assert fault is not None and fault.code == code
    assert not text or text not in fault.message or text == "1.6672E+17"  # the example that the sentence itself gives


def test_nobody_is_born_after_the_day_of_the_check() -> None:
    assert id_number.check(GOOD, on=date(1949, 12, 31)) is None
    fault = id_number.check(GOOD, on=date(1949, 12, 30))
    assert fault is not None and fault.code == "id_number.birth"


def test_parsing_a_bad_number_names_the_field() -> None:
    with pytest.raises(Invalid) as caught:
        id_number.parse("123", field="applicant.id_number")
    assert list(caught.value.fields) == ["applicant.id_number"]


def test_the_mask_keeps_three_and_two_and_hides_what_is_no_number_at_all() -> None:
    assert id_number.mask(GOOD) == "110*************2X"
    assert id_number.mask("张三 13800000000") == "*" * 18
    assert id_number.mask("1.6672E+17") == "*" * 18
    assert GOOD not in repr(id_number.parse(GOOD))


@given(numbers())
def test_every_well_formed_number_reads_back(number: str) -> None:
    assert id_number.check(number) is None
    assert f"{id_number.birth(number):%Y%m%d}" == number[6:14]
    assert id_number.sex(number) == ("male" if number[16] in "13579" else "female")


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert id_number.check(wrong) is not None


@given(numbers(), st.integers(0, 15))
def test_any_two_neighbours_exchanged_are_found(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or id_number.check(swapped) is not None


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_check_or_mask(text: str) -> None:
    fault = id_number.check(text)
    assert fault is None or fault.message
    assert set(id_number.mask(text)[3:-2]) == {"*"}
