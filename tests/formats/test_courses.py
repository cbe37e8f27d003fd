"""Announcements become courses, and abstracts do not."""

from __future__ import annotations

from datetime import date

import pytest

from worker.formats.courses import course, is_announcement

PAGE = date(2026, 3, 20)


@pytest.mark.parametrize(
    "text",
    [
        "Apprenez à tirer parti de l’IA. La prochaine cohorte se déroulera en ligne les 28 et 30 avril 2026.",
        "Inscrivez-vous à la prochaine cohorte qui débutera le 15 avril.",
        "Learn to audit a model. The next cohort will start on May 6, 2026. Register now!",
        "This workshop takes place online on June 3, 2026; registration is open.",
        "Formation offerte en présentiel du 3 au 7 mai 2026. Inscriptions jusqu'au 15 avril.",
    ],
)
def test_announcements(text: str) -> None:
    assert is_announcement(text)


@pytest.mark.parametrize(
    "text",
    [
        "We enrolled a cohort of patients in a training program between March 3 and April 5, 2020, and our results "
        "show a significant effect in a randomized study.",
        "In Kidney Exchange Programs, each participating patient is registered together with a donor. We propose an "
        "algorithm and our experiments show gains.",
        "The program recently published its first policy brief.",
        "An adjunct professor and former head of a laboratory, she is a pioneer of deep learning.",
    ],
)
def test_what_announces_nothing(text: str) -> None:
    assert not is_announcement(text)


def test_every_cohort_is_an_offering_and_its_days_are_sessions() -> None:
    found = course(
        "Auditer un modèle",
        ["Cohorte 1 : les 7 et 14 mai 2026, de 9 h à 12 h, en ligne. Cohorte 2 : du 3 au 5 juin 2026, en présentiel."],
        PAGE,
        url="https://institute.example/fr/formations/auditer/",
    )
    assert found is not None
    assert found.source_key == "/formations/auditer#fr"
    first, second = found.offerings
    assert [s.date for s in first.sessions] == ["2026-05-07", "2026-05-14"]
    assert {(s.start_time, s.end_time) for s in first.sessions} == {("09:00", "12:00")}
    assert (first.mode, first.date_kind) == ("online", "set")
    assert (second.mode, second.date_kind, second.start_date, second.end_date) == (
        "onsite", "range", "2026-06-03", "2026-06-05",
    )  # fmt: skip
    assert second.sessions == ()
    assert first.dates_text == "Cohorte 1 : les 7 et 14 mai 2026, de 9 h à 12 h, en ligne."


def test_the_two_languages_of_a_course_share_its_path_and_keep_their_own_key() -> None:
    french = course("Titre de la formation", ["Le texte de la formation."], PAGE, url=f"{SITE}/fr/formations/trail")
    english = course("Title of the course", ["The text of the course."], PAGE, url=f"{SITE}/en/formations/trail/")
    assert french is not None
    assert english is not None
    assert (french.source_key, english.source_key) == ("/fr/formations/trail", "/formations/trail#en")


SITE = "https://institute.example"


def test_registration_price_and_deadline() -> None:
    found = course(
        "Auditing a model",
        ["The course runs online on May 7, 2026. Registration until April 20, 2026. Fee: $1,495. Taught in French."],
        PAGE,
        details=["Register"],
    )
    assert found is not None
    (offering,) = found.offerings
    assert offering.registration_deadline == "2026-04-20"
    assert offering.registration_status == "open"
    assert offering.price == "1495"
    assert offering.language == "fr"
    assert "Register" not in (found.description or "").split()


def test_a_year_nobody_can_know_is_not_guessed() -> None:
    found = course("Auditer un modèle", ["La prochaine cohorte débutera le 15 avril."], None)
    assert found is not None
    (offering,) = found.offerings
    assert offering.dates_text == "La prochaine cohorte débutera le 15 avril."
    assert (offering.start_date, offering.date_kind) == (None, "none")
    assert offering.date_confidence < 0.5


@pytest.mark.parametrize(
    ("told", "price", "currency"),
    [
        ("Price: $1,200 CAD", "1200", "CAD"),
        ("Prix : 1 200,50 $ CAD", "1200.50", "CAD"),
        ("Tarif : 500 CAD", "500", "CAD"),
        ("Fee: €90", "90", "EUR"),
        ("Coût : 90 $", "90", None),
    ],
)
def test_a_price_has_the_currency_that_is_written(told: str, price: str, currency: str | None) -> None:
    found = course("TRAIL", ["Join our course on April 28, 2026.", told], PAGE)
    assert found is not None
    assert [(one.price, one.currency) for one in found.offerings] == [(price, currency)]
