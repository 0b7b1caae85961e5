"""A dossier leaves the house as JSON or as a zip, and the same command checks both."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from kernel.context import Context
from kernel.ops.settings import Settings
from kernel.unit import command
from suite.assembly import contexts, migrate
from suite.operate import dossier_export, dossier_verify

STREAM = "candidate/1"


@pytest.fixture
def recruitment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("XINHUO_DATA_DIR", str(tmp_path))
    settings = Settings.load({"XINHUO_DATA_DIR": str(tmp_path)})
    migrate(settings)
    found = contexts(settings, ("recruitment",))["recruitment"]
    with command(found) as unit:
        unit.record(
            "oath_taken",
            stream=STREAM,
            expected=0,
            home_county="330702",
            day=date(2016, 7, 1),
            data={"late": False},
            subject="1",
            personal={"name": "张三"},
        )
    return found


def export(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(dossier_export, ["recruitment", STREAM, "--reason", "核查", *options], catch_exceptions=False)
    return result.exit_code, result.output


def verify(file: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(dossier_verify, [str(file), *options], catch_exceptions=False)
    return result.exit_code, result.output


@pytest.mark.catalogue("R14")
@pytest.mark.parametrize("option", ["--output", "--zip"])
def test_what_was_exported_is_checked_by_one_command(recruitment: Context, tmp_path: Path, option: str) -> None:
    file = tmp_path / "dossier"
    assert export(option, str(file)) == (0, f"已导出 1 条记录到 {file}\n")
    status, said = verify(file)
    assert status == 0 and "1 条记录完整无改动" in said
    assert verify(file, "--head", "0" * 64)[0] == 1
    with recruitment.database.read() as connection:
        assert connection.execute(sa.text("SELECT object FROM access_log")).scalars().all() == [STREAM]


@pytest.mark.catalogue("R14")
def test_a_bad_file_is_a_finding_and_no_traceback(recruitment: Context, tmp_path: Path) -> None:
    file = tmp_path / "dossier.zip"
    export("--zip", str(file))
    content = file.read_bytes()
    for bad in (content[:-30], b"PK" + bytes(50), b"not json", b"[" * 100_000):
        file.write_bytes(bad)
        assert verify(file)[0] == 1


def test_one_file_at_a_time(recruitment: Context, tmp_path: Path) -> None:
    assert export("--zip", str(tmp_path / "a"), "--output", str(tmp_path / "b"))[0] == 2
