"""Users of the portal: who can be reached at an employer or a mandatary, and how.

Nobody can: the telephone numbers are none that a network could issue, the domains are reserved.
"""

from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, occurs
from kruispunt.people.country import Country
from kruispunt.people.parameters import Portal
from kruispunt.people.routing import ELECTRONIC, PAPER

EMPLOYER: Final = "EMPLOYER"
ONLINE: Final = "ONLINE"
BATCH: Final = "BATCH"
DIGITS: Final = 8
FAX_SHARE: Final = 0.25
MOBILE_SHARE: Final = 0.6


def portal_users(
    country: Country,
    chance: Chance,
    *,
    employers: pl.DataFrame,
    mandataries: pl.DataFrame,
    electronic: Flags,
) -> pl.DataFrame:
    """One row per user of the portal, first those of employers, then those of mandataries.

    Some electronic employers have no address: half of them no user at all, half a user who left
    only a telephone number. The first user of an enterprise is its local manager.
    """
    rng = chance.stream("portal")
    rule = country.parameters.portal
    own = _employers(rule, rng, employers, electronic=electronic)
    theirs = _mandataries(rule, country, mandataries)
    users = pl.concat([own, theirs])
    people = pl.concat([users, _reach(rule, rng, users.height)], how="horizontal")
    email = pl.format("asr.{}@{}", pl.col("contact_person_id").str.to_lowercase(), "domain")
    return people.select(
        "contact_person_id",
        "cbe_number",
        "mobile_number",
        "phone_number",
        "fax_number",
        pl.when("address").then(email).alias("email"),
        "capacity",
        "channel_type",
        pl.col("contact_person_id").first().over("cbe_number").alias("local_manager_id"),
        "language",
    )


def _employers(
    rule: Portal, rng: np.random.Generator, employers: pl.DataFrame, *, electronic: Flags
) -> pl.DataFrame:
    size = employers.height
    silent = electronic & occurs(rng, rule.no_address_share, size)
    absent = silent & occurs(rng, 0.5, size)
    known = np.where(electronic, ~absent, occurs(rng, rule.paper_user_share, size))
    columns = employers.select("cbe_number", "language").with_columns(
        capacity=pl.lit(EMPLOYER),
        channel_type=pl.Series(np.where(electronic, ONLINE, PAPER), dtype=pl.String),
        address=pl.Series(electronic & ~silent),
        domain=pl.lit(rule.employer_domain),
    )
    return columns.filter(pl.Series(known))


def _mandataries(rule: Portal, country: Country, mandataries: pl.DataFrame) -> pl.DataFrame:
    electronic = country.mandataries["channel"] == ELECTRONIC
    rows = np.repeat(np.arange(mandataries.height), rule.users_per_mandatary)
    columns = mandataries.select("cbe_number", "language", "capacity").with_columns(
        channel_type=pl.Series(np.where(electronic, BATCH, PAPER), dtype=pl.String),
        address=electronic,
        domain=pl.lit(rule.mandatary_domain),
    )
    return columns[rows]


def _reach(rule: Portal, rng: np.random.Generator, size: int) -> pl.DataFrame:
    """An identification of its own and telephone numbers for each user."""
    number = 10**DIGITS + rng.permutation(np.arange(size))
    mobile, fax = occurs(rng, MOBILE_SHARE, size), occurs(rng, FAX_SHARE, size)
    return pl.DataFrame(
        {
            "contact_person_id": rule.user_prefix + pl.Series(number).cast(pl.String),
            "mobile_number": _telephones(rng, rule.mobile_prefix, size).set(
                pl.Series(~mobile), None
            ),
            "phone_number": _telephones(rng, rule.phone_prefix, size),
            "fax_number": _telephones(rng, rule.fax_prefix, size).set(pl.Series(~fax), None),
        }
    )


def _telephones(rng: np.random.Generator, prefix: str, size: int) -> pl.Series:
    drawn: Ints = rng.integers(0, 1_000_000, size)
    digits = pl.Series(drawn).cast(pl.String).str.zfill(6)
    return prefix + digits.str.head(3) + " " + digits.str.tail(3)
