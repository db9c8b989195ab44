"""`kruispunt case start`: all that a case may say can be said."""

from kruispunt.cli.case import Beside, case_app, start

LEAST = "--as CM --risk incapacity --ssin - --begin 2025-03-03"


def beside(words: str) -> object:
    command, bound, _ = case_app.parse_args(f"start {LEAST} {words}".split())
    assert command is start
    return bound.arguments.get("beside")


def test_what_the_insurer_knows_of_a_risk_beside_its_days_can_be_said():
    words = "--accident under-reservation --mini-dmfa --insurability-only --card 592123456789"

    assert beside(f"{words} --language fr") == Beside(
        accident="under-reservation",
        mini_dmfa=True,
        insurability_only=True,
        card="592123456789",
        language="fr",
    )


def test_nothing_of_it_has_to_be_said():
    assert beside("") in (None, Beside())
