"""How the benchmarks count: rounds, ratios, goals, rates, percentiles."""

from __future__ import annotations

import json

import pytest

from kernel import id_number
from suite.bench import command, process, report, town
from suite.bench.baselines import raw_publish
from suite.bench.latency import percentile
from suite.bench.reaction import rate
from suite.bench.rounds import OURS, Goal, Result, Scenario, measure
from suite.bench.workload import PER_STREAM, events


def a_result(**values: list[float]) -> Result:
    sides = {OURS if name == "ours" else name: rounds for name, rounds in values.items()}
    return Result("relay", "what", "events/s", sides, {"raw": Goal(0.5), "stock": Goal(7)})


def test_each_round_runs_every_side_once_and_begins_with_another_one():
    order: list[tuple[str, int]] = []

    def side(name: str):
        def run(number: int) -> float:
            order.append((name, number))
            return 1.0

        return run

    found = measure(Scenario("s", "what", "unit", {name: side(name) for name in "abc"}), 4, lambda _: None)
    assert ["".join(name for name, number in order if number == at) for at in range(4)] == ["abc", "bca", "cab", "abc"]
    assert all(len(values) == 4 for values in found.values.values())


def test_ratios_are_of_medians_and_decide_which_goals_are_missed():
    result = a_result(ours=[1, 60, 50, 70, 900], raw=[100, 120, 80, 1, 5000], stock=[10, 10, 10, 10, 10])
    assert result.ratio("raw") == pytest.approx(0.6)
    assert result.missed == ["stock"]


def test_a_goal_from_above_and_an_aim_that_is_missed_without_consequence():
    assert Goal(10, at_most=True).met(9.9) and not Goal(10, at_most=True).met(10.1)
    aim = Result("latency", "what", "ms", {OURS: [300.0], "raw": [3.0]}, {"raw": Goal(10, required=False, at_most=True)})
    assert aim.missed == []
    assert str(aim.goals["raw"]) == "≤ 10 (aim)"


def test_the_file_for_machines_has_name_value_unit_and_ratios(tmp_path):
    report.write(tmp_path / "bench.json", {"cpu": "x"}, [a_result(ours=[1.0, 2.0, 3.0], raw=[4.0], stock=[1.0])])
    document = json.loads((tmp_path / "bench.json").read_text())
    assert document["machine"] == {"cpu": "x"}
    (result,) = document["results"]
    assert {name: result[name] for name in ("name", "value", "unit", "against")} == {
        "name": "relay",
        "value": 2.0,
        "unit": "events/s",
        "against": {"raw": 0.5, "stock": 2.0},
    }
    assert result["sides"][OURS] == {"median": 2.0, "min": 1.0, "max": 3.0, "rounds": [1.0, 2.0, 3.0]}


def test_a_rate_is_taken_between_the_first_commit_and_the_last():
    assert rate([(10.0, 500), (10.5, 500), (11.0, 250)]) == 750


def test_a_percentile_is_a_value_that_was_seen():
    assert [percentile(range(1, 101), share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.99) == 7.0


def test_events_are_the_same_for_the_same_seed_and_rise_in_their_streams():
    first, again, other = (list(events(200, seed)) for seed in (1, 1, 2))
    assert first == again != other
    versions: dict[str, int] = {}
    for row in first:
        version = json.loads(row.headers)["cloudEvents_streamversion"]
        assert version == versions.get(row.stream, 0) + 1
        versions[row.stream] = version
    assert len(versions) <= 200 / PER_STREAM


def test_the_baseline_counts_confirms_however_they_come():
    class Channel:
        def __init__(self) -> None:
            self.events = {"basic_ack": set()}
            self.sent = 0

        def confirm_select(self) -> None: ...

        def close(self) -> None: ...

        def basic_publish(self, *_: object) -> None:
            self.sent += 1

    class Connection:
        # Single confirms, out of order, and ones for all up to a tag that cover some of them again.
        confirms = [(2, False), (1, False), (4, False), (5, True), (7, False), (8, True)]

        def __init__(self) -> None:
            self.made = Channel()

        def channel(self) -> Channel:
            return self.made

        def drain_events(self) -> None:
            tag, multiple = self.confirms.pop(0)
            for listener in self.made.events["basic_ack"]:
                listener(tag, multiple)

    connection = Connection()
    assert raw_publish.publish(connection, "e", [("key", None)] * 8) == connection.made.sent == 8
    assert connection.confirms == []


def test_recorded_statements_get_fresh_keys_and_keep_the_rest():
    unique = {"candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060", "identity": "f" * 64, "key": "record-1"}
    text = command.script(
        [["BEGIN", f"PUT ('{'f' * 64}', 'candidate/{unique['candidate_id']}', 'record-1')", "COMMIT"]],
        unique,
    )
    assert not any(old in text for old in unique.values())
    statement = next(line for line in text.splitlines() if line.startswith("PUT"))
    fresh = statement.replace(":bench_client", "10000003").replace(":bench_count", "100000000007")
    identity, stream, _ = fresh.split("'")[1::2]
    assert len(identity) == 64 and len(stream.removeprefix("candidate/")) == 36
    with pytest.raises(process.SideFailed, match="do not hold"):
        command.script([["BEGIN"]], unique)


def test_the_organisations_of_the_load_lie_below_each_other():
    rows = town.organisations()
    assert [row["path"] for row in rows][-1] == "/3307/330702/330702001/330702001001/"
    assert [row["parent"] for row in rows] == [None, *[row["code"] for row in rows[:-1]]]


def test_a_side_that_fails_says_why():
    with pytest.raises(process.SideFailed, match="No module named"), process.side("suite.bench.no_such_side", {}):
        pass


def test_the_persons_of_the_load_have_valid_identification_numbers():
    """The same arithmetic as in applications.lua, whose weights and check characters are read from the script itself."""
    script = town.LUA.read_text()
    weights = json.loads("[" + script.split("local weights = {")[1].split("}")[0] + "]")
    checks = script.split('local checks = "')[1].split('"')[0]
    first = "33070119500101001"
    check = checks[sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11]
    assert check == id_number.check_character(first)
