"""Parameters of the synthetic country as types: shares, weights, ages and codes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kruispunt.people.benefit_rules import Benefits
from kruispunt.people.checked import Age, Checked, Code, Count, Positive, Share, Weight
from kruispunt.people.register_rules import Centres, Insurability, Register

Heads = tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(le=99_999_999)]]


class History(Checked, frozen=True):
    """How far back lives are told, and how late declarations arrive."""

    years: Annotated[int, Meta(ge=1, le=60)]
    declaration_delay_days: Annotated[int, Meta(ge=0)]


class LineKind(Checked, frozen=True):
    """Sector and quality of one kind of directory line."""

    sector: Annotated[int, Meta(ge=0, le=999)]
    quality: Annotated[int, Meta(ge=0, le=999)]


class LineKinds(Checked, frozen=True):
    """The directory lines that follow from lives."""

    membership: LineKind
    incapacity: LineKind
    dimona: LineKind
    employment: LineKind
    unemployment: LineKind


class Numbers(Checked, frozen=True):
    """Which numbers people have: shares of all people."""

    bis_share: Share
    bis_sex_unknown_share: Share
    day_unknown_share: Share
    month_unknown_share: Share
    replaced_share: Share
    cancelled_share: Share
    unknown_count: Count


class Choice(Checked, frozen=True):
    """A code and how often it occurs."""

    code: Code
    weight: Weight


class Enterprises(Checked, frozen=True):
    """Numbers and sizes of employers."""

    enterprise_heads: Heads
    establishment_heads: Heads
    nsso_heads: Heads
    workers_per_employer: Positive
    size_exponent: Positive
    curatorship_share: Share
    registration_origins: tuple[Choice, ...]


class EmployerDirectory(Checked, frozen=True):
    """What an employer directory tells beside numbers. `forms`: legal forms by language."""

    no_address_share: Share
    highest_house_number: Count
    provisional_share: Share
    provisional_heads: Heads
    curator_prefix: Code
    syllables: Annotated[tuple[Code, ...], Meta(min_length=2)]
    forms: dict[str, Annotated[tuple[Choice, ...], Meta(min_length=1)]]


class Mandates(Checked, frozen=True):
    """Which employers have others act for them, and how often that changes or ends."""

    share: Share
    changed_share: Share
    lapsed_share: Share


class Routing(Checked, frozen=True):
    """What destinations of requests chose."""

    none_share: Share
    to_mandatary_share: Share
    stale_share: Share
    electronic_share: Share
    all_requests_share: Share


class Portal(Checked, frozen=True):
    """Users of the portal, and addresses at which nobody can be reached."""

    users_per_mandatary: Count
    no_address_share: Share
    paper_user_share: Share
    user_prefix: Code
    mobile_prefix: Code
    phone_prefix: Code
    fax_prefix: Code
    employer_domain: str
    mandatary_domain: str


class Workers(Checked, frozen=True):
    """What a personnel file tells beside the registers. `sexes`: its codes."""

    second_name_share: Share
    born_here_share: Share
    sexes: dict[Literal["female", "male"], Code]


class Region(Checked, frozen=True):
    """Languages of the people of a region."""

    languages: tuple[Choice, ...]


class AgeBand(Checked, frozen=True):
    """Ages from `from_` up to but not including `until`, and their weight."""

    from_: Age = msgspec.field(name="from")
    until: Age
    weight: Weight


class ChildCount(Checked, frozen=True):
    """How many children a family has, and how often."""

    count: Count
    weight: Weight


class HouseholdKind(Checked, frozen=True):
    """A kind of household: its adults, and the age of its reference person."""

    name: Code
    adults: Annotated[int, Meta(ge=1, le=2)]
    children: bool
    share: Share
    youngest: Annotated[int, Meta(ge=19)]
    oldest: Age


class Households(Checked, frozen=True):
    """How people live together."""

    child_until: Annotated[int, Meta(ge=1, le=30)]
    grown_from: Annotated[int, Meta(ge=1, le=30)]
    grown_at_home_share: Share
    sibling_years: Positive
    mother_age_mean: Positive
    mother_age_spread: Positive
    partner_age_spread: Positive
    same_sex_share: Share
    lone_mother_share: Share
    children: tuple[ChildCount, ...]
    kinds: tuple[HouseholdKind, ...]


class Deaths(Checked, frozen=True):
    """Who died during the history, at what age."""

    share: Share
    ages: tuple[AgeBand, ...]


class Arrivals(Checked, frozen=True):
    """Who came to the country during the history."""

    share_of_foreigners: Share


class Fraction(Checked, frozen=True):
    """Hours of a part-time worker, in hundredths of the reference worker's."""

    hundredths: Annotated[int, Meta(ge=1, le=99)]
    weight: Weight


class Careers(Checked, frozen=True):
    """Jobs and the gaps between them."""

    never_share: Share
    entry_age: Positive
    entry_spread: Positive
    leave_age: Positive
    leave_spread: Positive
    longest_leave_age: Positive
    job_days: Positive
    job_spread: Positive
    direct_share: Share
    gap_days: Positive
    gap_spread: Positive
    most_jobs: Annotated[int, Meta(ge=1, le=50)]
    second_job_share: Share
    over_reference_share: Share
    fractions: tuple[Fraction, ...]
    worker_code_manual: Code
    worker_code_clerical: Code
    worker_type_clerical: Code
    dimona_committees: tuple[Code, ...]
    dimona_committee_other: Code
    first_period_id: Annotated[int, Meta(ge=100_000_000_000, le=500_000_000_000)]
    statuses: tuple[Choice, ...]


class Students(Checked, frozen=True):
    """Summer jobs before the career."""

    share: Share
    age: Annotated[int, Meta(ge=16, le=18)]
    most_days: Annotated[int, Meta(ge=1, le=90)]
    worker_type: Code


class Unemployment(Checked, frozen=True):
    """Spells without a job, or beside a part-time one."""

    share_of_gaps: Share
    shortest_gap_days: Count
    waiting_days: Annotated[int, Meta(ge=0)]
    spell_days: Positive
    spell_spread: Positive
    share_of_part_timers: Share


class Incapacity(Checked, frozen=True):
    """Who fell ill at work or while unemployed, and for how long."""

    share_of_spells: Share
    share_of_jobs: Share
    days: Positive
    days_spread: Positive


class Memberships(Checked, frozen=True):
    """Who is nobody's member, who left, who changed."""

    none_share: Share
    left_share: Share
    changer_share: Share


class Insurer(Checked, frozen=True):
    """An insurer, or whoever pays benefits, and its weight by language."""

    code: Code
    weights: dict[str, Weight]


class Parameters(Checked, frozen=True):
    """All of `people.toml`."""

    history: History
    directory: LineKinds
    numbers: Numbers
    enterprises: Enterprises
    employer_directory: EmployerDirectory
    mandates: Mandates
    routing: Routing
    portal: Portal
    workers: Workers
    regions: dict[str, Region]
    ages: tuple[AgeBand, ...]
    households: Households
    deaths: Deaths
    arrivals: Arrivals
    careers: Careers
    students: Students
    unemployment: Unemployment
    benefits: Benefits
    payers: Annotated[tuple[Insurer, ...], Meta(min_length=2)]
    memberships: Memberships
    incapacity: Incapacity
    insurers: tuple[Insurer, ...]
    register: Register
    centres: Centres
    insurability: Insurability
