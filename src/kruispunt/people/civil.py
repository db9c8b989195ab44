"""What the registers say of people: names, birth, civil state, household, cards."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, occurs
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, YEAR_DAYS, dates, day_numbers
from kruispunt.people.lives import Span
from kruispunt.people.register_rules import CivilStates, Register
from kruispunt.people.workers import particulars

CARD_NUMBERS: Final = 10_000_000
SOCIAL_CARD_NUMBERS: Final = 100_000_000


def persons_frame(
    country: Country, chance: Chance, persons: pl.DataFrame, states: pl.DataFrame, *, span: Span
) -> pl.DataFrame:
    """One row per person, by number."""
    rule, home = country.parameters.register, country.nationalities["nis_code"][0]
    known = particulars(country, persons, chance)
    bis, citizen = persons["bis"], persons["nationality"] == home
    register = pl.when(bis).then(pl.lit(rule.abroad)).when(citizen).then(pl.lit(rule.citizens))
    origin = pl.when(bis).then(pl.lit(rule.complementary)).otherwise(pl.lit(rule.national))
    return persons.select(
        "ssin",
        pl.select(origin).to_series().alias("origin"),
        "last_name",
        "first_name",
        known["middle_name"],
        "birth_date",
        known["sex"],
        states["civil_state"],
        states["civil_state_since"],
        *_birth_places(country, known),
        pl.col("deceased_on").alias("decease_date"),
        pl.select(register.otherwise(pl.lit(rule.foreigners))).to_series().alias("register"),
        "nationality",
        pl.col("arrived_on").fill_null(pl.col("born_on")).alias("created_on"),
        *_cards(rule, chance, persons, span=span),
    ).sort("ssin")


def _birth_places(country: Country, known: pl.DataFrame) -> list[pl.Series]:
    """Code and names of the municipality; abroad the code of the country."""
    listed, town = country.municipalities, known["birth_town"]
    german = listed.select(pl.when(pl.col("region") == "de").then("name_nl")).to_series()
    code = listed["nis_code"].gather(town)
    return [
        code.zip_with(code.is_not_null(), known["birth_country"]).alias("birth_place"),
        listed["name_nl"].gather(town).alias("birth_place_nl"),
        listed["name_fr"].gather(town).alias("birth_place_fr"),
        german.gather(town).alias("birth_place_de"),
    ]


def civil_states(
    rule: CivilStates, chance: Chance, persons: pl.DataFrame, *, span: Span
) -> pl.DataFrame:
    """Partners have one state since one day; whoever is too young for another is single."""
    rng, size = chance.stream("civil-states"), persons.height
    born = day_numbers(persons["born_on"])
    homes = persons["household"].fill_null(-1).to_numpy()
    count = int(homes.max(initial=-1)) + 2
    couple = _of_home(homes, (persons["role"] == "partner").to_numpy(), count)
    child = (persons["role"] == "child").to_numpy()
    later = np.full(count, -OPEN)
    np.maximum.at(later, homes, np.where(child, -OPEN, born))
    free = np.where(couple & ~child, later[homes], born) + round(rule.youngest * YEAR_DAYS)
    old_enough = ~child & (free < span.today)
    drawn = rng.random(count)[homes]
    married = old_enough & couple & (drawn < rule.married_share)
    divorced = old_enough & ~couple & occurs(rng, rule.divorced_share, size)
    shared, own = rng.random(count)[homes], rng.random(size)
    died = day_numbers(persons["deceased_on"].fill_null(date.max))
    room = np.maximum(np.minimum(died, span.today) - free, 0)
    changed = free + (np.where(married, shared, own) * room).astype(np.int64)
    state = np.where(married, rule.married, np.where(divorced, rule.divorced, rule.single))
    return pl.DataFrame(
        {
            "civil_state": pl.Series(state, dtype=pl.String),
            "civil_state_since": dates(np.where(married | divorced, changed, born)),
        }
    )


def _of_home(homes: Ints, flag: Flags, count: int) -> Flags:
    """True for everybody in whose household the flag stands once."""
    found = np.zeros(count, dtype=np.bool_)
    found[homes[flag & (homes >= 0)]] = True
    return found[homes] & (homes >= 0)


def members_frame(
    rule: Register, persons: pl.DataFrame, states: pl.DataFrame, since: pl.Series
) -> pl.DataFrame:
    """Who lives with whom, as what to the reference person: one row per person in a household."""
    words, married = rule.relations, states["civil_state"] == rule.civil_states.married
    place = (
        pl.when(pl.col("role") == "reference")
        .then(pl.lit(words.reference))
        .when(pl.col("role") == "child")
        .then(pl.lit(words.child))
        .when(pl.lit(married))
        .then(pl.lit(words.spouse))
        .otherwise(pl.lit(words.unrelated))
    )
    return (
        persons.select("household", "ssin", place.alias("relationship"), since.alias("since"))
        .filter(pl.col("household").is_not_null())
        .sort("household", "ssin")
    )


def _cards(
    rule: Register, chance: Chance, persons: pl.DataFrame, *, span: Span
) -> list[pl.Series]:
    """Numbers and days of identity cards, and numbers of the social card."""
    rng, size = chance.stream("cards"), persons.height
    head = np.int64(rule.card_prefix) * CARD_NUMBERS + rng.permutation(size)
    check = head % 97
    number = pl.Series(head * 100 + np.where(check, check, 97)).cast(pl.String).str.zfill(12)
    social = pl.Series(rng.permutation(size)).cast(pl.String).str.zfill(8)
    born = day_numbers(persons["born_on"])
    life = round(rule.card_years * YEAR_DAYS)
    issued = span.today - rng.integers(0, life, size)
    issued = np.maximum(issued, born + round(rule.card_from * YEAR_DAYS))
    alive = persons["deceased_on"].is_null()
    has = alive & ~persons["bis"] & pl.Series(issued <= span.today)
    had = persons.select(pl.col("born_on").dt.year() <= rule.social_card_until).to_series()
    return [
        number.set(~has, None).alias("identity_card_number"),
        dates(issued).set(~has, None).alias("identity_card_since"),
        dates(issued + life).set(~has, None).alias("identity_card_until"),
        (rule.social_card_prefix + social).set(~had, None).alias("sis_card_number"),
    ]
