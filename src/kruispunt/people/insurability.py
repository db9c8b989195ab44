"""How people are insured for medical care: one row per membership, whoever the insurer is."""

import polars as pl

from kruispunt.people.chance import Chance, occurs
from kruispunt.people.days import year_of
from kruispunt.people.lives import Span
from kruispunt.people.register_rules import Insurability

REGISTRATION_DIGITS = 13


def insurabilities(
    rule: Insurability,
    chance: Chance,
    *,
    persons: pl.DataFrame,
    memberships: pl.DataFrame,
    span: Span,
) -> pl.DataFrame:
    """One row per period at one insurer, by number and begin. A household has one right."""
    rng, last_year = chance.stream("insurability"), year_of(span.today) - 1
    homes = persons["household"].fill_null(-1).to_numpy()
    count = int(homes.max(initial=-1)) + 2
    raised = occurs(rng, rule.increased_share, count)[homes] & (homes >= 0)
    billed = occurs(rng, rule.billing_share, count)[homes] & (homes >= 0)
    number = pl.Series(rng.permutation(persons.height) + 1).cast(pl.String)
    told = persons.select(
        "ssin",
        increased_reimbursement=pl.Series(raised),
        billed=pl.Series(billed),
        registration_number=number.str.zfill(REGISTRATION_DIGITS),
    )
    raised_now = pl.col("increased_reimbursement")
    return (
        memberships.join(told, on="ssin", maintain_order="left")
        .select(
            "ssin",
            insurability_begin="begin",
            insurability_end="end",
            insurer_number=pl.col("member").replace_strict(rule.insurers),
            registration_number="registration_number",
            holder_code_1=pl.when(raised_now)
            .then(pl.lit(rule.increased[0]))
            .otherwise(pl.lit(rule.ordinary[0])),
            holder_code_2=pl.when(raised_now)
            .then(pl.lit(rule.increased[1]))
            .otherwise(pl.lit(rule.ordinary[1])),
            increased_reimbursement="increased_reimbursement",
            maximum_billing_year=pl.when("billed").then(pl.lit(last_year)),
            third_party_payer="increased_reimbursement",
        )
        .sort("ssin", "insurability_begin")
    )
