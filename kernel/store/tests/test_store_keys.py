"""Personal fields are sealed under the key of the person."""

from __future__ import annotations

import pytest

from kernel.errors import XinhuoError
from kernel.store.keys import Erased, KeyStore
from kernel.unit import command
from tests.kit import a_context


@pytest.mark.catalogue("X5")
def test_what_is_sealed_opens_for_its_subject_alone(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        mine = unit.seal("p1", {"name": "张三"})
        unit.seal("p2", {"name": "李四"})
    assert context.keys.open_fields("p1", mine) == {"name": "张三"}
    with pytest.raises(Erased):
        context.keys.open_fields("p2", mine)


def test_equal_values_have_unequal_ciphertexts_and_equal_indexes(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        first, second = (unit.seal("p1", {"name": "张三"}) for _ in range(2))
    assert first != second
    assert context.keys.blind_index("张三") == context.keys.blind_index("张三") != context.keys.blind_index("张四")


def test_keys_of_many_are_made_where_there_are_none_and_kept_where_there_are(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        before = unit.seal("p1", {"name": "张三"})
    with command(context) as unit:
        unit.know_subjects([f"p{number}" for number in range(1, 1200)])
        after = {subject: unit.seal(subject, {"name": subject}) for subject in ("p1", "p2", "p1199")}
    assert context.keys.open_fields("p1", before) == {"name": "张三"}
    assert [context.keys.open_fields(subject, box) for subject, box in after.items()] == [{"name": name} for name in after]


def test_an_erased_person_is_read_by_nobody(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        box = unit.seal("p1", {"name": "张三"})["name"]
    assert context.keys.erase("p1") and not context.keys.erase("p1")
    with pytest.raises(Erased):
        context.keys.reveal("p1", box)
    assert context.keys.open_column([("p1", box), ("p1", None)]) == [None, None]


def test_nothing_more_is_sealed_for_an_erased_person(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        unit.seal("p1", {"name": "张三"})
    context.keys.erase("p1")
    with pytest.raises(Erased), command(context) as unit:
        unit.seal("p1", {"name": "张三"})
    with pytest.raises(Erased), command(context) as unit:
        context.keys.ensure(unit.connection, ["p1"])


@pytest.mark.catalogue("X5")
def test_a_destroyed_key_is_in_no_file_any_more(tmp_path):
    context = a_context(tmp_path)
    for number in range(200):
        with command(context) as unit:
            unit.seal(f"p{number}", {"name": "张三"})
    with context.keys._database.read() as connection:
        wrapped = connection.exec_driver_sql("SELECT wrapped FROM subject_key WHERE subject = 'p7'").scalar_one().encode()
    assert any(wrapped in file.read_bytes() for file in tmp_path.iterdir())
    context.keys.erase("p7")
    assert not any(wrapped in file.read_bytes() for file in tmp_path.iterdir())


def test_another_master_key_opens_nothing(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        box = unit.seal("p1", {"name": "张三"})["name"]
    other = KeyStore(context.keys._database, b"y" * 32, context.clock)
    with pytest.raises(XinhuoError, match="master key"):
        other.reveal("p1", box)


def test_a_command_without_a_check_of_scope_is_not_committed(tmp_path):
    from kernel.actor import Actor

    context = a_context(tmp_path)
    with pytest.raises(RuntimeError, match="scope"), command(context, Actor("a"), roles=("branch_clerk",)):
        pass
