"""Courses: twins of two languages are one, a changed sentence is a new cohort, a written year beats a guessed one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.merge.courses import CourseClaim, course_identities, merge_courses
from worker.record import CourseRecord, CourseSession, Offering, content_hash, encode


def claim(
    title: str, key: str = "", *, source: str = "mila", trust: int = 10, as_of: str = "2026-03-20", **fields: Any
) -> CourseClaim:
    record = CourseRecord(source_key=key or title, title=title, **fields)
    mark = content_hash(encode(record))
    number = int.from_bytes(content_hash(f"{source}:{record.source_key}".encode())[:4], "big")
    return CourseClaim(number, source, trust, as_of, mark, record)


def start(day: str, text: str = "", *, inferred: bool = False, **fields: Any) -> Offering:
    return Offering(dates_text=text or f"starts {day}", date_kind="start", start_date=day, date_precision="day",
                    year_inferred=inferred, date_confidence=0.8 if inferred else 1.0, **fields)  # fmt: skip


def days(*written: str, text: str = "", inferred: bool = False, **fields: Any) -> Offering:
    return Offering(dates_text=text or " and ".join(written), date_kind="set", start_date=written[0],
                    end_date=written[-1], date_precision="day", year_inferred=inferred,
                    sessions=tuple(CourseSession(day) for day in written), **fields)  # fmt: skip


FR = claim(
    "TRAIL : IA responsable", "fr", language="fr", url="https://mila.quebec/fr/formation/trail-ia",
    description="Apprenez à intégrer.", offerings=(start("2026-04-15", "débutera le 15 avril", inferred=True),),
)  # fmt: skip
EN = claim(
    "TRAIL: Responsible AI", "en", language="en", url="https://mila.quebec/en/training/trail-ia",
    description="Learn to integrate.", offerings=(start("2026-04-15", "starts on April 15, 2026", mode="online"),),
)  # fmt: skip


def test_french_and_english_twins_are_one_course_with_one_cohort() -> None:
    assert course_identities([FR, EN]) == [[1, 0]]
    course = merge_courses([FR, EN])
    assert (course.title_fr, course.title_en) == ("TRAIL : IA responsable", "TRAIL: Responsible AI")
    assert (course.description_fr, course.description_en) == ("Apprenez à intégrer.", "Learn to integrate.")
    assert course.url_fr == FR.record.url
    assert course.identity == "mila:en"
    (offering,) = course.offerings
    assert (offering.start_date, offering.year_inferred, offering.mode) == ("2026-04-15", False, "online")
    assert offering.dates_text == "starts on April 15, 2026"
    assert course.offering_records == (EN.record_id,)


def test_twins_with_one_source_key_are_one_course() -> None:
    fr = claim("IA responsable", "/formation/trail", language="fr")
    en = claim("Responsible AI", "/formation/trail", language="en")
    assert len(course_identities([fr, en])) == 1
    assert merge_courses([fr, en]).title_fr == "IA responsable"


def test_an_address_of_several_courses_joins_none() -> None:
    page = "https://mila.quebec/fr/formations/"
    claims = [claim("IA responsable", url=page), claim("Avantage IA", url=page)]
    assert len(course_identities(claims)) == 2


def test_one_title_of_two_universities_is_two_courses() -> None:
    a = claim("Machine Learning", "551", source="mcgill", provider="McGill", code="COMP 551")
    b = claim("Machine learning", "6390", source="udem", provider="UdeM", code="IFT 6390")
    again = claim("Machine Learning", "x", source="table", provider="McGill")
    bare = claim("Machine Learning", "y", source="list")
    assert len(course_identities([a, b])) == 2
    assert len(course_identities([a, bare])) == 1
    assert len(course_identities([a, b, bare])) == 3
    assert len(course_identities([a, again])) == 1


def test_one_code_of_one_provider_is_one_course() -> None:
    a = claim("Apprentissage automatique", "1", provider="UdeM", code="IFT 6390")
    b = claim("Fundamentals of Machine Learning", "2", provider="UdeM", code="IFT6390")
    assert len(course_identities([a, b])) == 1


def test_a_changed_cohort_sentence_adds_an_offering() -> None:
    before = claim("TRAIL", as_of="2025-09-01", offerings=(start("2025-10-07"),))
    after = claim("TRAIL", as_of="2026-03-20", offerings=(start("2026-04-15"),))
    course = merge_courses([after, before])
    assert [o.start_date for o in course.offerings] == ["2025-10-07", "2026-04-15"]


def test_a_page_left_standing_does_not_move_its_cohort() -> None:
    seen = claim("TRAIL", as_of="2026-03-20", offerings=(start("2026-04-15", "débutera le 15 avril", inferred=True),))
    later = claim("TRAIL", as_of="2026-09-01", offerings=(start("2027-04-15", "débutera le 15 avril", inferred=True),))
    assert [o.start_date for o in merge_courses([later, seen]).offerings] == ["2026-04-15"]


def test_a_written_year_beats_a_guessed_one_of_the_same_day() -> None:
    guess = claim("TRAIL", "a", trust=1, offerings=(days("2027-04-28", "2027-04-30", inferred=True),))
    told = claim("TRAIL", "b", trust=9, offerings=(days("2026-04-28", "2026-04-30"),))
    (offering,) = merge_courses([guess, told]).offerings
    assert [s.date for s in offering.sessions] == ["2026-04-28", "2026-04-30"]
    assert not offering.year_inferred


def test_a_written_start_confirms_the_days_of_a_guess() -> None:
    guess = claim("TRAIL", "a", offerings=(days("2026-04-28", "2026-04-30", text="les 28 et 30 avril", inferred=True),))
    told = claim("TRAIL", "b", offerings=(start("2026-04-28"),))
    (offering,) = merge_courses([guess, told]).offerings
    assert (offering.date_kind, len(offering.sessions), offering.year_inferred) == ("set", 2, False)
    assert offering.dates_text == "les 28 et 30 avril"


def test_the_same_days_online_and_on_site_are_two_cohorts() -> None:
    one = claim("TRAIL", offerings=(start("2026-04-15", mode="online"), start("2026-04-15", mode="onsite")))
    assert len(merge_courses([one]).offerings) == 2


def test_of_one_source_the_newer_description_counts() -> None:
    texts = [("2026-01-01", "Learn."), ("2026-03-20", "Learn more."), ("2026-02-01", "Learn much.")]
    course = merge_courses([claim("TRAIL", as_of=day, language="en", description=text) for day, text in texts])
    assert course.description_en == "Learn more."
    assert course.provenance["description_en"][1] == "newest"


def test_the_registration_is_as_said_last() -> None:
    opened = claim("TRAIL", as_of="2026-03-01", trust=1, offerings=(start("2026-04-15", registration_status="open"),))
    full = claim("TRAIL", as_of="2026-03-20", trust=2, offerings=(start("2026-04-15", registration_status="full"),))
    (offering,) = merge_courses([opened, full]).offerings
    assert offering.registration_status == "full"


def test_an_offering_without_dates_is_kept_as_it_is_written() -> None:
    offering = Offering(dates_text="Prochaine cohorte à venir", registration_status="announced")
    course = merge_courses([claim("TRAIL", "a", offerings=(offering,)), claim("TRAIL", "b", offerings=(offering,))])
    assert course.offerings == (offering,)


def test_no_claim_is_no_course() -> None:
    with pytest.raises(ValueError, match="at least one"):
        merge_courses([])


OFFERINGS = st.sampled_from(
    [
        start("2026-04-15"),
        start("2026-04-15", "le 15 avril", inferred=True),
        start("2027-04-15", "le 15 avril", inferred=True, mode="online"),
        days("2026-04-15", "2026-04-17", mode="onsite"),
        days("2026-04-15", "2026-04-17", inferred=True, label="Cohorte 5"),
        Offering(dates_text="printemps 2026", date_kind="coarse", start_date="2026-03", end_date="2026-06"),
        Offering(registration_status="open"),
    ]
)
CLAIMS = st.lists(
    st.builds(
        lambda title, key, source, as_of, **fields: claim(title, key, source=source, as_of=as_of, **fields),
        st.sampled_from(["TRAIL", "Trail!", "Avantage IA", "AI Advantage"]),
        st.sampled_from(["1", "2", "/formation/trail"]),
        st.sampled_from(["mila", "table"]),
        st.sampled_from(["2026-01-01", "2026-03-20"]),
        language=st.sampled_from([None, "fr", "en"]),
        url=st.sampled_from(
            [None, "https://mila.quebec/fr/formation/trail", "https://mila.quebec/en/trail", "http://["]
        ),
        code=st.sampled_from([None, "IFT 6390"]),
        provider=st.sampled_from([None, "Mila", "UdeM"]),
        description=st.sampled_from([None, "Apprenez.", "Learn."]),
        instructors=st.sampled_from([(), ("Ann Lee",)]),
        offerings=st.lists(OFFERINGS, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300)
@given(CLAIMS, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(claims: list[CourseClaim], random: Any) -> None:
    shuffled = [*claims, random.choice(claims)]
    random.shuffle(shuffled)
    assert merge_courses(claims) == merge_courses(shuffled)

    def named(given: list[CourseClaim]) -> set[frozenset[tuple[str, str, str, bytes]]]:
        return {
            frozenset((c.source, c.record.source_key, c.as_of, c.content_hash) for c in (given[i] for i in group))
            for group in course_identities(given)
        }

    assert named(claims) == named(shuffled)


@given(CLAIMS)
def test_every_claim_is_of_one_course_and_every_day_written_is_kept(claims: list[CourseClaim]) -> None:
    assert sorted(i for group in course_identities(claims) for i in group) == list(range(len(claims)))
    course = merge_courses(claims)
    written = {o.start_date for c in claims for o in c.record.offerings if o.start_date and not o.year_inferred}
    assert written <= {o.start_date for o in course.offerings}
    assert {o.dates_text for o in course.offerings} <= {o.dates_text for c in claims for o in c.record.offerings}
    assert len(course.offerings) == len(course.offering_records)


@given(CLAIMS)
def test_the_winner_holds_the_value(claims: list[CourseClaim]) -> None:
    course = merge_courses(claims)
    for field, (number, _) in course.provenance.items():
        base = field.removesuffix("_fr").removesuffix("_en")
        if base not in ("instructors", "offerings"):
            told = {getattr(c.record, base) for c in claims if c.record_id == number}
            assert getattr(course, field) in told
