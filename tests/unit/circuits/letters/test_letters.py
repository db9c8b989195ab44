"""Letters print what is known, in the language of who gets them, and nothing else."""

import shutil
from dataclasses import replace as with_other
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from msgspec.structs import replace
from tests.unit.circuits.letters.printed import pages_of, text_of

from kruispunt.circuits.benefits import (
    Address,
    Contact,
    Content,
    DeclarationType,
    Employer,
    Medium,
    Prefilled,
    RiskType,
    SendHolderSheet,
    SendRequest,
    Worker,
)
from kruispunt.circuits.letters import Letters, Wordings, WordsWrong, read_wordings
from kruispunt.circuits.sending import Addressee
from kruispunt.vocabulary import Period, Ssin, check_digits, data_folder

WORDS: Final = read_wordings()
ON: Final = date(2024, 11, 18)
HEAD: Final = 850730003
PERSON: Final = Ssin(f"{HEAD}{check_digits(HEAD):02d}")
PRINTED_NUMBER: Final = f"85.07.30-003.{check_digits(HEAD):02d}"
HOME: Final = Addressee(name="Françoise Özgür", lines=("Rue de l’Église 7", "4700 Eupen"))

CONTACT: Final = Contact(
    last_name="Łukaszewicz",
    first_name="Zoë",
    address="Laan 12, 1000 Brussel",
    email="zoe@example.org",
    phone="02 555 01 23",
    mobile="0470 55 01 23",
    fax="02 555 01 24",
)
WORKER: Final = Worker(
    ssin=PERSON.digits,
    last_name="Müller",
    first_name="Françoise",
    second_name_initial="Œ",
    birth_date="1985-07-30",
    birth_municipality="Groß-Étienne",
    birth_country="150",
    sex="F",
    nationality="103",
    employment_status_at_risk="OUT_OF_SERVICE",
    service_end_date="2024-10-31",
)
DESTINATION: Final = Prefilled(
    contact_person_id="PO-44218",
    phone_number="09 555 66 77",
    mobile_number="0478 11 22 33",
    fax_number="09 555 66 78",
    email="loon@example.org",
    capacity="SOCIAL_SECRETARIAT",
    channel_type="PAPER",
    local_manager_id="LB-100",
    cbe_number="0555666777",
    enterprise_language="NL",
)
REQUEST: Final = SendRequest(
    id=UUID(int=1),
    paragraph="05/022 §5(4)",
    rule="R-PAPER",
    request=UUID(int=2),
    medium=Medium.PAPER_EMPLOYER,
    to=Address(name="De Gouden Œuf BV", postal="Weverstraat 100 bus 4, 9000 Gent"),
    content=Content(
        worker=WORKER,
        declaration_type=DeclarationType(risk=RiskType.INCAPACITY),
        risk_period=Period(date(2024, 11, 4)),
        contact_person=CONTACT,
        employer=Employer(
            cbe_number="0123456749", nsso_number="0001234556", denomination="De Gouden Œuf BV"
        ),
    ),
    prefilled=DESTINATION,
    language="NL",
)
SHEET: Final = SendHolderSheet(
    id=UUID(int=3),
    paragraph="05/022 §5(2)",
    person=PERSON,
    risk=RiskType.MATERNITY_REST,
    period=Period.through(date(2024, 11, 4), date(2024, 12, 31)),
    language="de",
)


def printed(
    request: SendRequest = REQUEST, *, to: Addressee | None = None, wordings: Wordings = WORDS
) -> str:
    return text_of(Letters(wordings=wordings).request(request, to=to, on=ON))


def sheet(action: SendHolderSheet = SHEET, *, on: date = ON) -> bytes:
    return Letters(wordings=WORDS).holder_sheet(action, to=HOME, contact=CONTACT, on=on)


def test_r_enrich_prints_every_field_that_is_known() -> None:
    """05/022 §26, §28, §30: verwerkt in de in te vullen ASR, zodat hij dat niet meer hoeft."""
    text = printed()

    for value in (
        PRINTED_NUMBER,
        "Müller, Françoise Œ.",
        "30/07/1985, Groß-Étienne – België",
        "vrouw",
        "Duitsland",
        "uit dienst",
        "31/10/2024",
        "De Gouden Œuf BV",
        "0123456749",
        "0001234556",
        "arbeidsongeschiktheid",
        "vanaf 04/11/2024",
        "PO-44218",
        "LB-100",
        "sociaal secretariaat",
        "papier",
        "09 555 66 77",
        "0478 11 22 33",
        "09 555 66 78",
        "loon@example.org",
        "0555666777",
    ):
        assert value in text


def test_r_enrich_leaves_out_what_is_not_known() -> None:
    """05/022 §28: the original request has the number of the worker alone."""
    content = replace(REQUEST.content, worker=Worker(ssin=PERSON.digits), employer=None)

    text = printed(replace(REQUEST, content=content, prefilled=None))

    assert PRINTED_NUMBER in text
    for label in ("Naam en voornaam", "Geslacht", "Benaming", "gebruikersbeheer", "None"):
        assert label not in text


def test_r_contact_only_says_nothing_of_the_mutuality_but_its_contact_person() -> None:
    """05/022 §35: uitsluitend de identiteit van de dossierbeheerder en zijn gegevens."""
    head = printed().split("De Gouden Œuf BV")[0].splitlines()

    assert [line for line in head if line] == [
        "Contactpersoon: Zoë Łukaszewicz",
        "Laan 12",
        "1000 Brussel",
        "tel. 02 555 01 23",
        "gsm 0470 55 01 23",
        "fax 02 555 01 24",
        "zoe@example.org",
    ]


def test_r_paper_goes_to_the_employer_who_sends_it_straight_back() -> None:
    """05/022 §5(4): rechtstreeks op papier, en rechtstreeks terug."""
    text = printed()

    assert "De Gouden Œuf BV\nWeverstraat 100 bus 4\n9000 Gent" in text
    assert "niet via de" in text
    assert "05/022 §5(4)" in text


def test_r_paper_fallback_goes_to_the_insured_person_without_what_is_the_destinations() -> None:
    """05/022 §5(4): adres niet vermeld of verkeerd, dan aan de sociaal verzekerde; §26."""
    fallback = replace(
        REQUEST, medium=Medium.PAPER_INSURED, to=Address(), rule="R-PAPER-FALLBACK", language="fr"
    )

    text = printed(fallback, to=HOME)

    assert "Françoise Özgür\nRue de l’Église 7\n4700 Eupen" in text
    assert "Son adresse ne nous est pas connue" in " ".join(text.split())
    assert "Votre employeur complète la partie inférieure" in text
    for known in ("PO-44218", "LB-100", "0478 11 22 33", "0555666777"):
        assert known not in text


def test_r_holder_sheet_prints_the_holder_part_for_the_insured_person() -> None:
    """05/022 §5(2): het papieren inlichtingenblad (gedeelte titularis)."""
    content = sheet()

    text = text_of(content)

    assert "Auskunftsblatt: Teil des Berechtigten" in text
    for value in (PRINTED_NUMBER, "Françoise Özgür", "Mutterschaftsruhe", "Kontonummer"):
        assert value in text
    assert "vom 04/11/2024 bis einschließlich 31/12/2024" in text
    assert pages_of(content) == 1


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("NL", "Aanvraag om een aangifte"),
        ("fr", "Demande d’une déclaration"),
        ("DE", "Bitte um Meldung"),
        ("tlh", "Aanvraag om een aangifte"),
        (None, "Aanvraag om een aangifte"),
    ],
)
def test_a_letter_speaks_the_language_of_who_gets_it(language: str | None, title: str) -> None:
    assert title in printed(replace(REQUEST, language=language))


def test_a_reminder_and_a_mini_dmfa_are_said() -> None:
    content = replace(
        REQUEST.content,
        declaration_type=DeclarationType(risk=RiskType.ADOPTION_LEAVE, mini_dmfa=True),
    )

    text = printed(replace(REQUEST, content=content, reminder=True))

    assert "Herinnering: aanvraag" in text
    assert "(Mini-DMFA) bij" in text


@pytest.mark.parametrize("risk", list(RiskType))
@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_every_risk_has_its_words_in_every_language(risk: RiskType, language: str) -> None:
    words = WORDS.of(language)

    text = text_of(sheet(replace(SHEET, risk=risk, language=language)))

    assert words.risk[risk].split()[0] in text


def test_codes_and_countries_without_a_word_are_printed_as_they_are() -> None:
    worker = replace(WORKER, birth_country="999", sex="X", birth_date="1985")
    content = replace(REQUEST.content, worker=worker)

    text = printed(replace(REQUEST, content=content))

    assert "1985, Groß-Étienne – 999" in text
    assert "\nX\n" in text


def test_the_same_letter_is_the_same_bytes_and_another_day_is_another_letter() -> None:
    assert sheet() == sheet()
    assert sheet() != sheet(on=date(2024, 11, 19))


def test_a_name_in_any_latin_letters_is_printed_whole() -> None:
    name = "Đặng Ğülşen Çelik-Ștefănescu Þór Ångström œuvre ẞ €"
    to = with_other(HOME, name=name)

    text = text_of(Letters(wordings=WORDS).request(REQUEST, to=to, on=ON))

    assert name in " ".join(text.split())


def test_how_to_answer_stands_on_the_page_of_what_is_to_be_filled_in() -> None:
    content = Letters(wordings=WORDS).request(REQUEST, to=None, on=ON)

    second = text_of(content).split("bladzijde 1 van")[1]

    assert pages_of(content) == 2
    assert "Vul het onderste deel in" in second
    assert "In te vullen" in second


def test_a_long_name_and_address_push_the_letter_down_and_nothing_is_lost() -> None:
    to = Addressee(name="Zeer " * 40, lines=tuple(f"regel {n}" for n in range(12)))

    text = printed(to=to)

    assert text.count("Zeer") == 40
    assert "regel 11" in text
    assert PRINTED_NUMBER in text


def test_a_request_without_an_address_or_not_on_paper_is_not_printed() -> None:
    with pytest.raises(ValueError, match="no postal address"):
        printed(replace(REQUEST, to=Address(name="x")))
    with pytest.raises(ValueError, match="found an electronic one"):
        printed(replace(REQUEST, medium=Medium.ELECTRONIC))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "Inlich', 'colour = "red"\ntitle = "Inlich', "letters/nl.toml: Object contains"),
        ('adoption-leave = "adoptieverlof"\n', "", "letters/nl.toml: no words for adoption-leave"),
        ("[holder]", "[holder", "letters/nl.toml: "),
        ("default = true", "", "letters: expected one default language"),
    ],
)
def test_words_that_are_missing_or_unknown_are_told(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    law = Path(shutil.copytree(data_folder("law"), tmp_path / "law"))
    dutch = law / "letters/nl.toml"
    dutch.write_text(dutch.read_text("utf-8").replace(old, new, 1), "utf-8")

    with pytest.raises(WordsWrong, match=told):
        read_wordings(law)


def test_a_word_wider_than_its_line_goes_on_in_the_next() -> None:
    name = "W" * 120
    employer = Employer(cbe_number="0123456749", denomination=name)

    text = printed(replace(REQUEST, content=replace(REQUEST.content, employer=employer)))

    assert name not in text
    assert name in "".join(text.split())


def test_what_one_letter_used_another_does_not_embed() -> None:
    before = sheet()
    printed(replace(REQUEST, to=Address(name="Ǻ ế ț", postal="ŵ 1, 1000 ẞ")))

    assert sheet() == before
