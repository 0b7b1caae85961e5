import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kernel.errors import Invalid
from services.registry import sheets
from services.registry.sheets import LAYOUTS, Limits, read_sheet, template_xlsx

SHEET = "xl/worksheets/sheet1.xml"


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, part: str, change: bytes, into: bytes) -> bytes:
    """The package with one part changed, as another program might have written it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(change, into) if name == part else content)
    return file.getvalue()


def refused(data: bytes, limits: Limits = sheets.DEFAULT) -> str:
    with pytest.raises(Invalid) as caught:
        read_sheet(data, limits)
    (message,) = caught.value.fields["file"]
    return message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_delimiters_of_spreadsheets(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (("姓名", "编码"), ("张三", "001"), ("", ""), ("李四", "002")))
    sheet = read_sheet(text.encode(encoding))
    assert sheet.headers == ("姓名", "编码")
    assert sheet.rows == ((2, ("张三", "001")), (4, ("李四", "002")))


def test_xlsx_cells_come_as_a_person_would_have_typed_them() -> None:
    sheet = read_sheet(
        xlsx(["姓名", "a", "b", "c", "d", "e"], ["张三", 330702001001, date(2014, 7, 31), True, 1.5, None], [], ["李四"])
    )
    assert sheet.rows == ((2, ("张三", "330702001001", "2014-07-31", "是", "1.5")), (4, ("李四",)))
    timed = read_sheet(xlsx(["a"], [datetime.fromisoformat("2014-07-31 08:30")]))
    assert timed.rows == ((2, ("2014-07-31 08:30:00",)),)


@pytest.mark.catalogue("G2")
@pytest.mark.parametrize("value", [330702199001010000, 3.3070219900101e17])
def test_a_number_that_lost_its_last_digits_is_shown_as_lost(value: float) -> None:
    assert read_sheet(xlsx(["身份证号码"], [value])).rows == ((2, ("3.30702E+17",)),)


def test_a_long_whole_number_that_is_still_exact_is_kept() -> None:
    data = repacked(xlsx(["身份证号码"], [7]), SHEET, b"<v>7</v>", b"<v>330702199001011238</v>")
    assert read_sheet(data).rows == ((2, ("330702199001011238",)),)


def test_a_formula_is_not_taken_for_its_text() -> None:
    assert read_sheet(xlsx(["a"], ["=1+1"])).rows == ((2, ("=1+1",)),)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "xls"),
        (b"PK\x03\x04 not a package", "损坏"),
        (b"a,b\n\x00\x01", "不是文本"),
        (b"\xff\xfe\xff", "编码"),
        (b"\xff\xff\xff", "编码"),
        (b'a,b\n"x"y,1\n', "第 2 行"),
        (b"\n\n  \n", "空的"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, told: str) -> None:
    assert told in refused(data)


def test_every_limit_holds() -> None:
    small = Limits(file_bytes=20_000, unpacked_bytes=60_000, rows=3, columns=4, cell=10)
    assert "MB" in refused(b"a" * 20_001, small)
    assert "超过 3 行" in refused(b"h\n1\n2\n3\n4\n", small)
    assert read_sheet(b"h\n1\n2\n3\n", small).rows[-1] == (4, ("3",))
    assert "超过 3 行" in refused(xlsx(["h"], *[[n] for n in range(4)]), small)
    assert "超过 4 列" in refused(b"h\n1,2,3,4,5\n", small)
    assert "超过 4 列" in refused(xlsx(["h"], [1, 2, 3, 4, 5]), small)
    assert "10 个字" in refused(b"h\n12345678901\n", small)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(SHEET, b"0" * (2**20))
    assert len(file.getvalue()) < 5_000
    assert "解压后过大" in refused(file.getvalue(), Limits(unpacked_bytes=2**19))


@pytest.mark.parametrize("row", [b'r="5000000"', b'r="99999999999"'])
def test_a_row_far_down_does_not_make_the_reader_walk_there(row: bytes) -> None:
    data = repacked(xlsx(["h"], ["x"]), SHEET, b'<row r="2"', b"<row " + row)
    assert "行" in refused(data, Limits(rows=1000))


def test_a_declared_size_that_is_wrong_hides_no_row() -> None:
    data = repacked(xlsx(["h"], ["x"], ["y"]), SHEET, b'ref="A1:A3"', b'ref="A1:A1"')
    assert [cells for _, cells in read_sheet(data).rows] == [("x",), ("y",)]


def test_entities_that_blow_up_are_refused() -> None:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(6))
    bomb = b'<!DOCTYPE worksheet [<!ENTITY a "%s">%s]>' % (b"x" * 1000, entities)
    data = repacked(xlsx(["h"], ["x"]), SHEET, b"<worksheet ", bomb + b"<worksheet ")
    assert read_sheet(data).headers == ("h",)  # the declaration alone does nothing
    assert "损坏" in refused(repacked(data, SHEET, b"<t>x</t>", b"<t>&g;</t>"))


@pytest.mark.catalogue("G1", "G2", "G3")
@pytest.mark.parametrize("kind", LAYOUTS)
def test_the_template_is_understood_by_its_own_reader(kind: str) -> None:
    data = template_xlsx(kind)
    layout = LAYOUTS[kind]
    sheet = read_sheet(data)
    assert [layout.find(header) for header in sheet.headers] == list(layout.columns)
    assert sheet.rows == ()
    book = load_workbook(io.BytesIO(data))
    first = book.worksheets[0]
    assert all(first.column_dimensions[letter].number_format == "@" for letter in "ABCD")
    assert len(first.data_validations.dataValidation) == sum(bool(column.choices) for column in layout.columns)
    assert book.sheetnames[1] == "填写说明"


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe"]))
def test_no_bytes_whatever_end_in_anything_but_a_sheet_or_a_refusal(data: bytes, magic: bytes) -> None:
    try:
        sheet = read_sheet(magic + data)
    except Invalid as error:
        assert list(error.fields) == ["file"]
    else:
        assert sheet.headers
