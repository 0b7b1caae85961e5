"""Corrections of an entry: another entry, the tables put right, and those told who hold the name."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Invalid, Refused
from services.recruitment.tests.world import World, an_id_number


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", date(2015, 1, 5))


@pytest.mark.catalogue("R14")
def test_a_correction_is_another_entry_and_the_wrong_one_stays(nanning: World) -> None:
    candidate = nanning.a_candidate(name="王晓明")
    right = an_id_number(county="450102")
    body = {"corrects": 1, "changes": {"name": "王小明", "id_number": right, "phone": "13900000000"}, "reason": "录入有误"}
    asked = nanning.do("request_correction", body, candidate.id)["correction_id"]
    nanning.do("correct", {"approved": True, "reason": "与证件相符"}, asked)
    row = candidate.row
    keys = nanning.context.keys
    assert keys.reveal(candidate.id, row.name_sealed)[1] == "王小明"
    assert json.loads(keys.reveal(candidate.id, row.particulars_sealed)[1])["phone"] == "13900000000"
    assert nanning.row("living").identity == keys.blind_index(right)
    assert nanning.types(f"candidate/{candidate.id}") == ["application_received", "correction_requested", "entry_corrected"]
    with pytest.raises(Invalid):
        wrong = {"corrects": 1, "changes": {"state": "activist"}, "reason": "试试"}
        nanning.do("request_correction", wrong, candidate.id)


def corrected(world: World, candidate: str, **changes: str) -> list[Any]:
    """Approves a correction. What others are told of it: body and headers."""
    body = {"corrects": 1, "changes": changes, "reason": "录入有误"}
    asked = world.do("request_correction", body, candidate)["correction_id"]
    answer = world.do("correct", {"approved": True, "reason": "与证件相符"}, asked)
    assert answer["version"] == world.row("candidate", candidate_id=candidate).version
    return [json.loads(row.body) for row in world.rows("pending", type="candidate_corrected")]


@pytest.mark.catalogue("R14")
@pytest.mark.parametrize("stage", ["activist", "prospect", "probationary", "full"])
def test_others_are_told_of_a_corrected_name_or_number(nanning: World, stage: str) -> None:
    candidate = nanning.a_candidate(name="王晓明").at(stage)
    right = an_id_number(county="450102", born=date(1991, 1, 1))
    (told,) = corrected(nanning, candidate.id, name="王小明", id_number=right)
    assert (told["data"]["stage"], told["data"]["corrected"]) == (stage, ["id_number", "name"])
    assert right not in str(told) and "王小明" not in str(told)
    sealed = told["personal"]["sealed"]
    assert nanning.context.keys.open_fields(candidate.id, sealed) == {"name": "王小明", "id_number": right}
    assert nanning.types(f"candidate/{candidate.id}")[-2:] == ["entry_corrected", "candidate_corrected"]


def test_nobody_is_told_of_what_concerns_nobody_else(nanning: World) -> None:
    candidate = nanning.a_candidate(name="王晓明")
    assert corrected(nanning, candidate.id, name="王小明") == []  # an applicant, of whom nobody has heard by name
    activist = nanning.a_candidate(name="王晓明").at("activist").id
    assert corrected(nanning, activist, phone="13900000000") == []
    assert corrected(nanning, activist, name="王晓明") == []  # as it stood


def test_who_has_left_is_corrected_where_others_hold_the_name(nanning: World) -> None:
    candidate = nanning.a_candidate(name="王晓明").at("prospect")
    nanning.do("withdraw", {"document": "撤回书"}, candidate.id)
    (told,) = corrected(nanning, candidate.id, name="王小明")
    assert told["data"]["stage"] == "prospect"


def test_a_corrected_number_may_not_be_another_living_candidates(nanning: World) -> None:
    taken = an_id_number()
    nanning.a_candidate(id_number=taken)
    candidate = nanning.a_candidate()
    body = {"corrects": 1, "changes": {"id_number": taken}, "reason": "录入有误"}
    asked = nanning.do("request_correction", body, candidate.id)["correction_id"]
    with pytest.raises(Refused) as refused:
        nanning.do("correct", {"approved": True, "reason": "属实"}, asked)
    assert refused.value.rules == ("dossier.one_person",)
    nanning.do("correct", {"approved": False, "reason": "不属实"}, asked)
