"""Version records, reasons, times, details."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import Invalid
from adapter.model import details
from adapter.model.records import Origin, VersionRecord, check_reason, iso, keys_to_prune, parse_time
from adapter.model.served import has_expired

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]), max_size=40)


@given(PRINTABLE, PRINTABLE, st.sampled_from(Origin), st.none() | st.integers(1, 10**6))
def test_a_record_survives_its_encoding(by: str, why: str, op: Origin, source: int | None) -> None:
    record = VersionRecord(by=by, at=iso(NOW), why=why, op=op, source=source)
    text = record.encode()
    assert len(text.encode()) <= 512
    assert VersionRecord.decode(text) == record


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"by":1}', '{"by":"a","at":"b","op":"no"}', '{"by":"a","op":"created"}']
)
def test_what_a_person_wrote_there_is_no_record(text: str) -> None:
    assert VersionRecord.decode(text) is None


def test_a_reason_that_does_not_fit_names_the_limit_or_the_character() -> None:
    assert check_reason("  rotation  ") == "rotation"
    with pytest.raises(Invalid, match="limit is 300"):
        check_reason("ü" * 151)
    for char, words in [("\n", "a line break"), ("\t", "a tab"), ("\u00a0", r"U\+00A0"), ("\u200d", r"U\+200D")]:
        with pytest.raises(Invalid, match=words):
            check_reason(f"a{char}b")


def test_a_reason_of_quotation_marks_is_refused_by_the_record() -> None:
    with pytest.raises(Invalid) as caught:
        VersionRecord(by="a" * 60, at=iso(NOW), op=Origin.CREATED, why='"' * 300).encode()
    assert caught.value.fields[0].field == "reason"


def test_records_below_the_oldest_version_are_pruned_and_other_keys_kept() -> None:
    custom = {"v1": "", "v2": "", "v10": "", "vx": "", "type": "", "v": ""}
    assert sorted(keys_to_prune(custom, 10)) == ["v1", "v2"]


def test_times_of_vault_and_of_people() -> None:
    assert parse_time("2026-11-23T20:42:00.495480369Z") == datetime(2026, 11, 23, 20, 42, 0, 495480, UTC)
    assert parse_time("2026-11-23") == datetime(2026, 11, 23, tzinfo=UTC)
    assert parse_time("2026-11-23T22:42:00+02:00") == datetime(2026, 11, 23, 20, 42, tzinfo=UTC)
    assert parse_time("soon") is None
    assert parse_time("") is None


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)))
def test_a_time_survives_to_the_millisecond(moment: datetime) -> None:
    parsed = parse_time(iso(moment))
    assert parsed is not None
    assert abs(parsed - moment) < timedelta(milliseconds=1)


def test_an_expiry_that_was_written_by_hand_is_read_as_a_form_would_take_it() -> None:
    custom = {"expires_at": "2026-11-25"}
    assert not has_expired(custom, datetime(2026, 11, 25, 23, 59, tzinfo=UTC))
    assert has_expired(custom, datetime(2026, 11, 26, tzinfo=UTC))
    assert not has_expired({"expires_at": "some day"}, datetime(2100, 1, 1, tzinfo=UTC))


def test_an_expiry_is_a_day_or_a_moment_that_is_to_come() -> None:
    assert details.check_expiry("2026-11-23", NOW) == "2026-11-23T23:59:59.000Z"
    assert details.check_expiry("2027-01-01T00:00:00+01:00", NOW) == "2026-12-31T23:00:00.000Z"
    for text, words in [("2026-11-22", "past"), ("tomorrow", "no date"), ("2026-02-30", "no date")]:
        with pytest.raises(Invalid, match=words):
            details.check_expiry(text, NOW)


def test_tags_are_kept_once_and_in_order() -> None:
    assert details.join_tags(["b", " a ", "b", ""]) == "b,a"
    assert details.split_tags("b, a,") == ["b", "a"]
    with pytest.raises(Invalid, match="','"):
        details.join_tags(["a,b"])
