"""Examples: for each story that a demonstration tells, the same person every time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from kruispunt.people.population import Population
from kruispunt.people.routing import ELECTRONIC
from kruispunt.vocabulary import InstitutionCode, NumberStatus, Ssin

LOOK_BACK: Final = timedelta(days=60)
ADULT: Final = timedelta(days=18 * 366)
S: Final = pl.col("mean_weekly_hours_reference_s")
Q: Final = pl.col("mean_weekly_hours_worker_q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A person for a story: whom to ask about, who may ask, and about which days."""

    ssin: Ssin
    member: InstitutionCode | None
    """The insurer at which the person is a member in that period; None: at none."""

    begin: date
    until: date
    """Last day of the period."""

    successor: Ssin | None = None
    """The number that replaced it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A population with the few selections that many stories start from."""

    people: Population
    member: InstitutionCode

    @property
    def today(self) -> date:
        """The day of the population."""
        return self.people.today

    def plain(self) -> pl.DataFrame:
        """Adults alive, known from birth, with one number that was never another and tells all."""
        twice = self.people.numbers["person"].filter(self.people.numbers["person"].is_duplicated())
        return self.people.persons.filter(
            pl.col("deceased_on").is_null()
            & pl.col("arrived_on").is_null()
            & ~pl.col("bis")
            & (pl.col("birth_date") == pl.col("born_on").dt.to_string("%Y-%m-%d"))
            & (pl.col("born_on") <= self.today - ADULT)
            & ~pl.col("person").is_in(twice.implode())
        ).select("ssin")

    def insured(self, member: InstitutionCode | None = None) -> pl.DataFrame:
        """Members of one insurer (else of the scene's) today, with the day since when."""
        now = self.people.memberships.filter(
            (pl.col("member") == (member or self.member)) & pl.col("end").is_null()
        )
        return now.select("ssin", since="begin").filter(
            pl.col("since") <= self.today - 2 * LOOK_BACK
        )

    def only_job(self) -> pl.DataFrame:
        """People with one employment in the days looked back on, and it still runs."""
        jobs = self.people.employments
        seen = jobs.filter(
            pl.col("employment_end_date").is_null()
            | (pl.col("employment_end_date") >= self.today - LOOK_BACK)
        )
        one = seen.filter(pl.len().over("ssin") == 1)
        return one.filter(
            pl.col("employment_end_date").is_null()
            & (pl.col("employment_begin_date") <= self.today - LOOK_BACK)
        )

    def jobless_now(self) -> pl.DataFrame:
        """Unemployed today and on all days looked back on."""
        return self.people.unemployment.filter(
            pl.col("end").is_null() & (pl.col("begin") <= self.today - LOOK_BACK)
        ).select("ssin", "begin")

    def recent(self, people: pl.DataFrame) -> pl.DataFrame:
        """The given people, asked about the days looked back on."""
        return people.select(
            "ssin", begin=pl.lit(self.today - LOOK_BACK), until=pl.lit(self.today)
        )


def examples(
    people: Population, *, member: InstitutionCode, other: InstitutionCode
) -> dict[str, Example]:
    """For each story the person with the lowest number who fits; stories nobody fits are left out.

    `member` is the insurer that asks; `other` is the insurer of the person in "other-member".
    """
    scene = Scene(people, member)
    found = {
        "other-member": _first(_full_time(scene, scene.insured(other)), member=other),
        "not-insured": _first(_not_insured(scene), member=None),
        "unknown": _first(scene.recent(people.unknown), member=None),
    }
    for story, who in STORIES.items():
        found[story] = _first(who(scene), member=member)
    return {story: one for story, one in sorted(found.items()) if one is not None}


def _first(rows: pl.DataFrame, *, member: InstitutionCode | None) -> Example | None:
    for row in rows.sort("ssin", "begin").head(1).iter_rows(named=True):
        successor = row.get("successor")
        return Example(
            ssin=Ssin.of(row["ssin"]),
            member=member,
            begin=row["begin"],
            until=row["until"],
            successor=None if successor is None else Ssin.of(successor),
        )
    return None


def _full_time(scene: Scene, insured: pl.DataFrame) -> pl.DataFrame:
    known = scene.plain().join(insured, on="ssin")
    return scene.recent(known.join(scene.only_job().filter(Q == S), on="ssin"))


def _works_full_time(scene: Scene) -> pl.DataFrame:
    return _full_time(scene, scene.insured())


def _works_part_time(scene: Scene) -> pl.DataFrame:
    known = scene.plain().join(scene.insured(), on="ssin")
    idle = known.join(scene.people.unemployment, on="ssin", how="anti")
    return scene.recent(idle.join(scene.only_job().filter(Q < S), on="ssin"))


def _part_time_and_unemployed(scene: Scene) -> pl.DataFrame:
    known = scene.plain().join(scene.insured(), on="ssin")
    both = scene.only_job().filter(Q < S).join(scene.jobless_now(), on="ssin")
    return scene.recent(known.join(both, on="ssin"))


def _unemployed(scene: Scene) -> pl.DataFrame:
    known = scene.plain().join(scene.insured(), on="ssin").join(scene.jobless_now(), on="ssin")
    running = scene.people.dimona.filter(
        pl.col("end_date").is_null() | (pl.col("end_date") >= scene.today - LOOK_BACK)
    )
    worked = known.join(scene.people.employments, on="ssin", how="semi")
    return scene.recent(worked.join(running, on="ssin", how="anti"))


def _two_payers(scene: Scene) -> pl.DataFrame:
    """Part time beside benefits, on days on which two payment institutions have a file."""
    files, jobs = scene.people.benefits.files, scene.people.employments.filter(Q < S)
    handed = (
        files.join(files, on="ssin", suffix="_next")
        .filter(
            (pl.col("member") != pl.col("member_next"))
            & (pl.col("begin") < pl.col("begin_next"))
            & (pl.col("end") >= pl.col("begin_next"))
        )
        .select("ssin", begin="begin_next", until="end")
    )
    working = _throughout(handed, jobs, begin="employment_begin_date", end="employment_end_date")
    own = scene.people.memberships.filter(pl.col("member") == scene.member)
    insured = _throughout(
        working, own.rename({"begin": "since", "end": "to"}), begin="since", end="to"
    )
    return insured.join(scene.plain(), on="ssin", how="semi")


def _throughout(asked: pl.DataFrame, held: pl.DataFrame, *, begin: str, end: str) -> pl.DataFrame:
    """Those asked about of whom something is held on all days asked about."""
    both = asked.join(held.select("ssin", begin_held=begin, end_held=end), on="ssin")
    whole = (pl.col("begin_held") <= pl.col("begin")) & (
        pl.col("end_held").is_null() | (pl.col("end_held") >= pl.col("until"))
    )
    return both.filter(whole).select("ssin", "begin", "until").unique(maintain_order=True)


def _never_worked(scene: Scene) -> pl.DataFrame:
    known = scene.plain().join(scene.insured(), on="ssin")
    never = known.join(scene.people.dimona, on="ssin", how="anti")
    return scene.recent(never.join(scene.people.unemployment, on="ssin", how="anti"))


def _changed_insurer(scene: Scene) -> pl.DataFrame:
    """Came to the scene's insurer from another, a while ago."""
    before = scene.people.memberships.filter(pl.col("end").is_not_null()).select("ssin")
    return _works_full_time(scene).join(before, on="ssin", how="semi")


def _before_membership(scene: Scene) -> pl.DataFrame:
    """Worked before any insurer knew the person: the period asked about is not covered."""
    first = scene.people.memberships.group_by("ssin").agg(pl.col("begin").min().alias("first"))
    known = scene.plain().join(scene.insured(), on="ssin").join(first, on="ssin")
    old = scene.people.employments.select("ssin", begin="employment_begin_date")
    early = known.join(old, on="ssin").filter(pl.col("begin") < pl.col("first") - LOOK_BACK)
    return early.select("ssin", "begin", until=pl.col("begin") + LOOK_BACK)


def _dimona_only(scene: Scene) -> pl.DataFrame:
    """Began the only work of a lifetime so late that no employment is known yet."""
    known = scene.plain().join(scene.insured(), on="ssin")
    running = scene.people.dimona.filter(pl.col("end_date").is_null())
    seen = known.join(running, on="ssin", how="semi")
    return scene.recent(seen.join(scene.people.employments, on="ssin", how="anti"))


def _bis(scene: Scene) -> pl.DataFrame:
    persons = scene.people.persons
    bis = persons.filter(pl.col("bis") & pl.col("deceased_on").is_null()).select("ssin")
    known = bis.join(scene.insured(), on="ssin")
    return scene.recent(known.join(scene.only_job(), on="ssin"))


def _replaced(scene: Scene) -> pl.DataFrame:
    """Asked about under the old number: a member and at work under the new one."""
    old = scene.people.numbers.filter(pl.col("status") == NumberStatus.REPLACED.value)
    pairs = old.select("ssin", "successor")
    known = scene.insured().join(scene.only_job(), on="ssin").select(successor="ssin")
    asked = pairs.join(known, on="successor")
    return scene.recent(asked).join(pairs, on="ssin")


def _cancelled(scene: Scene) -> pl.DataFrame:
    wrong = scene.people.numbers.filter(pl.col("status") == NumberStatus.CANCELLED.value)
    held = scene.people.node_lines.filter(
        (pl.col("member") == scene.member)
        & pl.col("end").is_null()
        & (pl.col("begin") <= scene.today - LOOK_BACK)
    )
    return scene.recent(wrong.join(held, on="ssin", how="semi"))


def _deceased(scene: Scene) -> pl.DataFrame:
    """Asked about the last days of life: a member until then."""
    dead = scene.people.persons.filter(pl.col("deceased_on").is_not_null())
    held = scene.people.memberships.filter(
        (pl.col("member") == scene.member) & (pl.col("end") - pl.col("begin") > LOOK_BACK)
    )
    worked = dead.join(scene.people.employments, on="ssin", how="semi")
    known = worked.join(held.select("ssin", "end"), on="ssin").filter(
        pl.col("end") == pl.col("deceased_on")
    )
    return known.select("ssin", begin=pl.col("end") - LOOK_BACK, until="end")


def _not_insured(scene: Scene) -> pl.DataFrame:
    known = scene.plain().join(scene.people.memberships, on="ssin", how="anti")
    return scene.recent(known.join(scene.only_job(), on="ssin"))


def _at(scene: Scene, employers: pl.DataFrame) -> pl.DataFrame:
    """Members with one full-time job, at one of these employers (a column `cbe_number`)."""
    known = scene.plain().join(scene.insured(), on="ssin")
    jobs = scene.only_job().filter(Q == S).join(employers, on="cbe_number", how="semi")
    alone = _one_relation(scene)
    return scene.recent(known.join(jobs, on="ssin").join(alone, on="ssin", how="semi"))


def _one_relation(scene: Scene) -> pl.DataFrame:
    """People with one work relation in the days looked back on."""
    seen = scene.people.dimona.filter(
        pl.col("end_date").is_null() | (pl.col("end_date") >= scene.today - LOOK_BACK)
    )
    return seen.filter(pl.len().over("ssin") == 1)


def _choices(scene: Scene) -> pl.DataFrame:
    """Electronic choices that stand for all days looked back on."""
    return scene.people.routing.filter(
        pl.col("end_date").is_null()
        & (pl.col("begin_date") <= scene.today - LOOK_BACK)
        & (pl.col("channel") == ELECTRONIC)
    )


def _for_a_mandatary(scene: Scene, *, in_force: bool) -> pl.DataFrame:
    """Employers whose requests go to a mandatary, with its mandate in force or lapsed."""
    mandates = scene.people.mandates.filter(pl.col("end_date").is_null() == in_force)
    chosen = _choices(scene).join(
        mandates,
        left_on=("employer_cbe", "destination_cbe"),
        right_on=("employer_cbe", "mandatary_cbe"),
        how="semi",
    )
    return chosen.select(cbe_number="employer_cbe")


def _for_itself(scene: Scene, *, reached: bool) -> pl.DataFrame:
    """Employers that receive requests themselves, and whether anybody there can be reached."""
    own = _choices(scene).filter(pl.col("employer_cbe") == pl.col("destination_cbe"))
    users = scene.people.portal_users
    users = users.filter(pl.col("email").is_not_null()) if reached else users
    how = "semi" if reached else "anti"
    return own.select(cbe_number="employer_cbe").join(users, on="cbe_number", how=how)


def _routed_to_mandatary(scene: Scene) -> pl.DataFrame:
    return _at(scene, _for_a_mandatary(scene, in_force=True))


def _routed_to_employer(scene: Scene) -> pl.DataFrame:
    return _at(scene, _for_itself(scene, reached=True))


def _no_electronic_address(scene: Scene) -> pl.DataFrame:
    """The employer wishes electronic requests, and has nobody at the portal to send them to."""
    return _at(scene, _for_itself(scene, reached=False))


def _lapsed_mandate(scene: Scene) -> pl.DataFrame:
    """The choice still names a mandatary whose mandate has ended."""
    return _at(scene, _for_a_mandatary(scene, in_force=False))


def _curator(scene: Scene) -> pl.DataFrame:
    return _at(scene, scene.people.employers.filter("curatorship").select("cbe_number"))


STORIES: Final[dict[str, Callable[[Scene], pl.DataFrame]]] = {
    "full-time": _works_full_time,
    "part-time": _works_part_time,
    "part-time-and-unemployed": _part_time_and_unemployed,
    "two-payers": _two_payers,
    "unemployed": _unemployed,
    "routed-to-mandatary": _routed_to_mandatary,
    "routed-to-employer": _routed_to_employer,
    "no-electronic-address": _no_electronic_address,
    "lapsed-mandate": _lapsed_mandate,
    "curator": _curator,
    "never-worked": _never_worked,
    "changed-insurer": _changed_insurer,
    "before-membership": _before_membership,
    "dimona-only": _dimona_only,
    "bis": _bis,
    "replaced": _replaced,
    "cancelled": _cancelled,
    "deceased": _deceased,
}
"""Each story with the people who fit it: number, begin and last day of the period to ask about."""
