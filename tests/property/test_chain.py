"""The hash chain, whatever is done to an export: any change of any single place is found, but for the end that was cut off."""

import copy
import json
import string
from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.encoding import canonical
from kernel.journal import dossier
from kernel.journal.entry import Entry
from kernel.unit import command
from tests.kit import a_context

HOME, STREAM = "330702", "candidate/1"
KINDS = ("received", "talk_held", "objection_received", "reviewed", "corrected")


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """Five entries, three persons with two fields each, one of them erased; numbers, lists, dates and texts in the payloads."""
    context = a_context(tmp_path_factory.mktemp("chain"))
    for number, kind in enumerate(KINDS):
        with command(context) as unit:
            unit.record(
                kind,
                stream=STREAM,
                expected=number,
                home_county=HOME,
                day=date(2015, 1, 5 + number),
                data={
                    "step": number,
                    "passed": number % 2 == 0,
                    "articles": [{"rule": "talk.due", "source": "JH 3"}],
                    "note": None,
                },
                private={"reason": "群众公认“好”"} if number else None,
                subject=f"p{number % 3}" if number < 4 else None,
                personal={"name": f"张三{number}", "phone": "13800000000"} if number < 4 else None,
            )
    context.keys.erase("p2")
    with context.database.read() as connection:
        exported = json.loads(json.dumps(dossier.export(connection, context.keys, HOME, STREAM)))
    verdict = dossier.verify(exported)
    assert verdict.sound and (verdict.entries, verdict.erased) == (len(KINDS), 2)
    return exported


def places(value, path=()):
    """The paths of all values in a document, the document's own among them."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def respelt(value):
    """Other ways to write the same, which a lenient reader takes for the same."""
    if isinstance(value, str):
        texts = {value.upper(), value.lower(), value.title(), f" {value}", f"{value} ", f"{value}\0", value.replace(" ", "")}
        return sorted({*texts, value.replace("Z", "+00:00"), value.replace("-", ""), value.replace(":", ": ")} - {value})
    if isinstance(value, bool):
        return [int(value)]
    return [float(value), str(value), bool(value)] if isinstance(value, int) else []


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@st.composite
def changes(draw, document):
    """A document with one place changed: another value, a value from elsewhere, taken away, added to, exchanged."""
    made = copy.deepcopy(document)
    path = draw(st.sampled_from(list(places(document))))
    what = draw(st.sampled_from(["value", "neighbour", "remove", "add", "swap"])) if path else "add"
    old = at(made, path)
    parent, last = (at(made, path[:-1]), path[-1]) if path else (None, None)
    if what == "value":
        parent[last] = draw(anything)
    elif what == "neighbour":
        # What stands at the same place of another entry, or beside it: each is true where it belongs.
        parent[last] = copy.deepcopy(at(document, draw(st.sampled_from([path for path in places(document) if path]))))
    elif what == "remove":
        del parent[last]
    elif what == "add" and isinstance(old, dict):
        old[draw(st.text(max_size=3))] = draw(anything)
    elif what == "add" and isinstance(old, list):
        old.insert(draw(st.integers(0, len(old))), draw(anything))
    elif what == "swap" and isinstance(old, list):
        one, other = draw(st.sampled_from(list(pairwise(range(len(old))))))
        old[one], old[other] = old[other], old[one]
    return made


def text_of(document):
    """To the letter: in Python, 1 and True and 1.0 are equal."""
    return json.dumps(document, sort_keys=True)


@pytest.mark.catalogue("R14")
def test_every_other_spelling_of_every_value_is_found(document):
    tried = 0
    for way, last in ((path[:-1], path[-1]) for path in places(document) if path):
        for other in respelt(at(document, (*way, last))):
            changed = copy.deepcopy(document)
            at(changed, way)[last] = other
            assert not dossier.verify(changed).sound, (*way, last, other)
            tried += 1
    assert tried > len(list(places(document)))


@pytest.mark.catalogue("R14")
@settings(max_examples=500)
@given(data=st.data())
def test_any_change_of_any_single_place_is_found(document, data):
    changed = data.draw(changes(document))
    verdict = dossier.verify(changed)
    if text_of(changed) == text_of(document):
        assert verdict.sound
    elif changed.get("entries") == document["entries"][:-1]:
        # The declared exception: it wants a hash that was kept elsewhere.
        assert not dossier.verify(changed, head=document["entries"][-1]["hash"]).sound
    else:
        assert not verdict.sound


@pytest.mark.catalogue("R14")
@given(place=st.floats(0, 1, exclude_max=True), letter=st.sampled_from([*string.printable, "好", "Ａ", "\0", ""]))
def test_any_change_of_any_single_letter_of_the_file_is_found(document, place, letter):
    """Or it is none: a blank between two values, say."""
    text = canonical(document)
    number = int(place * len(text))
    bent = text[:number] + letter + text[number + 1 :]
    try:
        read = dossier.read(bent.encode())
    except ValueError:
        return
    assert text_of(read) == text_of(document) or not dossier.verify(read).sound


@pytest.mark.catalogue("R14")
@given(cut=st.integers(1, len(KINDS) - 1))
def test_a_cut_end_shows_against_a_hash_that_was_kept_and_a_cut_beginning_always(document, cut):
    kept = document["entries"][-1]["hash"]
    end = {**document, "entries": document["entries"][:-cut]}
    assert dossier.verify(end).sound and not dossier.verify(end, head=kept).sound
    assert not dossier.verify({**document, "entries": document["entries"][cut:]}).sound


FORGED = {"actor": "another", "day": "2014-12-31", "payload": "{}", "packs": '["another"]', "type": "another"}


@pytest.mark.catalogue("R14")
@given(number=st.integers(0, len(KINDS) - 1), field=st.sampled_from(sorted(FORGED)))
def test_an_entry_rewritten_with_a_hash_that_fits_it_does_not_fit_the_next(document, number, field):
    forged = copy.deepcopy(document)
    entry = forged["entries"][number]
    entry[field] = FORGED[field]
    entry["hash"] = _hash(entry)
    kept = document["entries"][-1]["hash"]
    # The last one has no next: as with a cut end, a hash that was kept tells.
    assert not dossier.verify(forged, head=kept if entry is forged["entries"][-1] else None).sound


@pytest.mark.catalogue("R14")
@given(start=st.integers(0, len(KINDS) - 1), field=st.sampled_from(sorted(FORGED)))
def test_a_chain_forged_from_any_entry_on_ends_in_another_hash(document, start, field):
    """Whoever can write the store can write a chain that holds: what gives him away is the hash of its end, kept elsewhere."""
    forged = copy.deepcopy(document)
    previous = forged["entries"][start]["previous_hash"]
    forged["entries"][start][field] = FORGED[field]
    for entry in forged["entries"][start:]:
        entry["previous_hash"] = previous
        entry["hash"] = previous = _hash(entry)
    assert dossier.verify(forged).sound
    assert not dossier.verify(forged, head=document["entries"][-1]["hash"]).sound


def _hash(raw):
    values = {name: raw[name] for name in Entry.__dataclass_fields__}
    values |= {"day": date.fromisoformat(raw["day"]), "entered_at": datetime.fromisoformat(raw["entered_at"])}
    return Entry(**values).hash()
