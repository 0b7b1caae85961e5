"""Commands for operators, as somebody at a terminal meets them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.ops.settings import Settings
from kernel.unit import command
from suite import cli
from suite.assembly import contexts, migrate
from suite.operate import dossier_group, erase, token
from suite.services import BY_NAME

NUMBER = "330702199001011234"


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("XINHUO_DATA_DIR", str(tmp_path))
    return Settings.load({"XINHUO_DATA_DIR": str(tmp_path)})


@pytest.fixture
def suite(settings):
    migrate(settings)
    return contexts(settings, tuple(BY_NAME))


def run(task, *arguments):
    result = CliRunner().invoke(task, list(arguments), catch_exceptions=False)
    return result.exit_code, result.output


def put(context, table, **values):
    """A row in which what is not given is something of the right type."""
    found = BY_NAME[context.service].metadata.tables[table]
    fill = {sa.Integer: 1, sa.Date: date(2015, 1, 1), sa.Boolean: False}
    row = {
        column.name: next((value for kind, value in fill.items() if isinstance(column.type, kind)), "x")
        for column in found.columns
        if not column.nullable
    }
    with context.database.write() as connection:
        connection.execute(sa.insert(found), {**row, **values})


def digests(suite):
    """All blind indexes that stand anywhere."""
    found = set()
    for name, service in BY_NAME.items():
        for table in service.metadata.tables.values():
            for column in table.columns:
                if column.info.get("blind_index"):
                    with suite[name].database.read() as connection:
                        found |= set(connection.execute(sa.select(column)).scalars())
    return found - {""}


@pytest.fixture
def person(suite):
    """A candidate with a consent, who is on the roll too: three subjects. Returns the digests of number and name."""
    keys = suite["recruitment"].keys
    number, name = keys.blind_index(NUMBER), keys.blind_index("name:张三")
    for subject in ("candidate-1", "consent-1", "member-1", "candidate-2"):
        with command(suite["recruitment"]) as unit:
            unit.seal(subject, {"name": "张三"})
    put(suite["recruitment"], "candidate", candidate_id="candidate-1", identity=number, name_index=name)
    put(suite["recruitment"], "living", candidate_id="candidate-1", identity=number)
    put(suite["recruitment"], "consent", consent_id="consent-1", identity=number)
    put(suite["registry"], "member_index", digest=number, subject="member-1")
    put(suite["recruitment"], "candidate", candidate_id="candidate-2", identity="another", name_index=name)
    return {number, name}


def erased(suite):
    keys = suite["recruitment"].keys
    subjects = ("candidate-1", "candidate-2", "consent-1", "member-1")
    keys._cache.clear()
    return {subject for subject in subjects if subject not in keys._keys([subject])}


@pytest.mark.catalogue("X5")
def test_erasing_takes_away_what_a_person_is_found_by(suite, person):
    status, said = run(erase, "candidate-1", "--reason", "requested", "--yes")
    assert status == 0 and "另有 2 份" in said and "已销毁 1 个密钥" in said
    assert erased(suite) == {"candidate-1"}
    table = BY_NAME["recruitment"].metadata.tables["candidate"]
    with suite["recruitment"].database.read() as connection:
        rows = connection.execute(sa.select(table.c.identity, table.c.name_index).where(table.c.candidate_id == "candidate-1"))
        assert rows.one() == ("", "")
        assert connection.execute(sa.text("SELECT count(*) FROM living")).scalar_one() == 0


@pytest.mark.catalogue("X5")
def test_a_whole_person_is_erased_in_every_service_and_namesakes_are_not(suite, person):
    status, said = run(erase, "candidate-1", "--reason", "requested", "--all", "--yes")
    assert status == 0 and "已销毁 3 个密钥" in said
    assert erased(suite) == {"candidate-1", "consent-1", "member-1"}
    assert digests(suite) == {"another", suite["recruitment"].keys.blind_index("name:张三")}
    for context in suite.values():
        with context.database.read() as connection:
            seen = connection.execute(sa.text("SELECT object FROM access_log ORDER BY object")).scalars().all()
        assert seen == ["subject/candidate-1", "subject/consent-1", "subject/member-1"]
    status, said = run(erase, "candidate-1", "--reason", "again", "--yes")
    assert status == 0 and "没有此人的密钥" in said


def test_nothing_is_erased_without_a_word(suite, person):
    result = CliRunner().invoke(erase, ["candidate-1", "--reason", "requested", "--all"], input="n\n")
    assert result.exit_code == 1
    assert erased(suite) == set()


def test_a_token_carries_the_posts_that_the_registry_knows_of(suite, settings):
    today = Clock().today()
    kept = {"account": "clerk", "path": "/3307/330702/", "organisation": "330702"}
    put(suite["registry"], "post", post_id="now", role="county_department", since=today, until=today, **kept)
    put(suite["registry"], "post", post_id="over", role="auditor", since=date(2014, 1, 1), until=date(2014, 2, 1), **kept)
    put(suite["registry"], "post", post_id="other", **{**kept, "account": "somebody"}, since=today, until=today)
    status, text = run(token, "--account", "clerk")
    assert status == 0
    actor = Tokens(settings.token_secret, Clock()).verify(text.strip())
    assert [(post.id, post.role, post.path) for post in actor.posts] == [("now", "county_department", "/3307/330702/")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "auditor"],
        ["--organisation", "330702"],
        ["--path", "/3307/"],
        ["--department", "police", "--role", "auditor", "--organisation", "330702"],
        ["--department", "police", "--minutes", "100000"],
        ["--department", "police", "--account", "c" * 101],
        ["--role", "auditor", "--organisation", "330702", "--path", "/3307/330702/", "--account", "c" * 101],
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(suite, arguments):
    assert run(token, "--account", "clerk", *arguments)[0] == 2


@pytest.mark.parametrize("arguments", [["parked", "list"], ["token", "--account", "a"], ["erase", "x", "--reason", "y", "--yes"]])
def test_a_store_that_is_not_there_yet_is_said_so_in_a_line(settings, monkeypatch, capsys, arguments):
    monkeypatch.setattr("sys.argv", ["xinhuo", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 1
    assert "数据库尚未建立" in capsys.readouterr().err


@pytest.mark.catalogue("R14")
def test_an_export_in_which_a_name_stands_twice_is_not_verified(suite, tmp_path):
    stream = "candidate/1"
    with command(suite["recruitment"]) as unit:
        unit.record("talk_held", stream=stream, expected=0, home_county="330702", day=date(2015, 3, 2), data={})
    file = tmp_path / "dossier.json"
    arguments = ("export", "recruitment", stream, "--reason", "核对", "--output", str(file))
    assert run(dossier_group, *arguments)[0] == 0
    assert "✓" in run(dossier_group, "verify", str(file))[1]
    file.write_text(file.read_text().replace('"actor":', '"actor": "somebody else", "actor":', 1))
    status, output = run(dossier_group, "verify", str(file))
    assert (status, "两次" in output) == (1, True)


def test_a_parked_message_is_listed_once_there_is_one(suite, monkeypatch, capsys):
    put(
        suite["vetting"],
        "parked",
        parked_at=datetime(2024, 3, 1, tzinfo=UTC),
        next_try=None,
        body=b"{}",
        headers="{}",
        reason="为何",
    )
    monkeypatch.setattr("sys.argv", ["xinhuo", "parked", "list"])
    with pytest.raises(SystemExit):
        cli.run()
    assert "为何" in capsys.readouterr().out
