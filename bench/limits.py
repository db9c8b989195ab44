"""The limits that the figures are held against: what is, what may be, and whether that holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.figures import HELD, Figure, rounded

Verdict = Mapping[str, float | bool | None]
"""`is`, `limit`, `holds`. `is` None: not reached. `holds` None: this run can't tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A figure that may be `bound` at most, or at least; on top of another one where `over`.

    `when`: what a run must have been like to tell anything about it.
    """

    figure: str
    bound: float
    told: str
    least: bool = False
    over: str | None = None
    when: Mapping[str, Figure] = field(default_factory=dict[str, Figure])

    def judge(self, figures: Mapping[str, Figure]) -> Verdict:
        """Hold a run's figure against it."""
        if self.figure not in figures:
            return {"is": None, "limit": None if self.over else self.bound, "holds": None}
        limit, found = self._limit(figures), _number(figures[self.figure])
        if limit is None or any(figures.get(name) != wanted for name, wanted in self.when.items()):
            return {"is": found, "limit": limit, "holds": None}
        holds = found is not None and (found >= limit if self.least else found <= limit)
        return {"is": found, "limit": limit, "holds": holds}

    def _limit(self, figures: Mapping[str, Figure]) -> float | None:
        if self.over is None:
            return self.bound
        base = _number(figures[self.over])
        return None if base is None else rounded(self.figure, base + self.bound)

    @property
    def words(self) -> str:
        """The limit as a person reads it."""
        bound = f"{self.bound:,g}".replace(",", "\u202f")
        over = f"`{self.over}` + " if self.over else ""
        return f"{'≥' if self.least else '≤'} {over}{bound}"


def judged(limits: Sequence[Limit], figures: Mapping[str, Figure]) -> dict[str, Verdict]:
    """Every limit held against a run."""
    return {limit.figure: limit.judge(figures) for limit in limits}


def _number(value: Figure) -> float | None:
    return value if isinstance(value, int | float) else None


CROSSING = (
    Limit(figure="hub_cpu_us", bound=500, told="CPU of the hub per exchange, µs (stretch 350)"),
    Limit(
        figure="per_second",
        bound=1200,
        least=True,
        told="exchanges per second, 64 at once, database, station and load on the same two cores",
    ),
    Limit(
        figure="ratio_bare_proxy",
        bound=0.5,
        least=True,
        told="… times what a bare Python proxy passes before the same station",
    ),
    Limit(
        figure="steady_650_p50_ms",
        bound=6,
        over="commit_ms",
        told="at a steady 650/s half are answered within, ms",
    ),
    Limit(
        figure="steady_650_p99_ms", bound=40, told="at a steady 650/s 99 % are answered within, ms"
    ),
    Limit(
        figure="alone_p50_ms",
        bound=3,
        over="commit_ms",
        told="a question alone, half are answered within, ms",
    ),
    Limit(figure="hub_memory_mb", bound=200, told="memory of the hub after the loads, MB"),
)

TEN_MILLION: Mapping[str, Figure] = {"lines": 10_000_000}
HUNDRED_THOUSAND: Mapping[str, Figure] = {"controlled": 100_000}

DIRECTORY = (
    Limit(figure="decide_us", bound=2, told="one decision under 2 000 clauses, µs"),
    Limit(figure="lawbook_ms", bound=500, told="the lawbook read and checked, ms"),
    Limit(
        figure="load_seconds",
        bound=90,
        when=TEN_MILLION,
        told="ten million lines into an empty directory, seconds",
    ),
    Limit(
        figure="control_seconds",
        bound=1,
        when=HUNDRED_THOUSAND,
        told="a hundred thousand persons controlled in one call, seconds",
    ),
)

FLAT = 1.25
"""Times the smallest: two runs of the same thing lie a tenth apart, growth is a multiple."""

SCALE = tuple(
    Limit(
        figure=f"ratio_{name}_2000000",
        bound=FLAT,
        told=f"{what} with two million people, times that with twenty thousand",
    )
    for name, what in (
        ("hub_cpu", "CPU of the hub per exchange"),
        ("database_cpu", "CPU of the database per exchange"),
        ("p50", "half are answered within,"),
    )
)

HOUR: Mapping[str, Figure] = {"minutes": 60.0, "rate": 300.0}

ENDURANCE = (
    Limit(
        figure="answered_per_second",
        bound=HELD * 300,
        least=True,
        when=HOUR,
        told="answers per second where 300 are asked for an hour: else the rest tells nothing",
    ),
    Limit(
        figure="hub_memory_max_mb",
        bound=200,
        when=HOUR,
        told="most memory of the hub in an hour at 300/s, MB",
    ),
    Limit(
        figure="hub_memory_slope_mb",
        bound=5,
        when=HOUR,
        told="… and how much it grows in an hour, MB: five is five bytes an exchange, "
        "less than any object takes",
    ),
)

THIRTY_MILLION: Mapping[str, Figure] = {"page_entries": 30_000_000}

TRAIL = (
    Limit(figure="record_us", bound=15, told="our own CPU for an entry, 64 at once, µs"),
    Limit(
        figure="record_per_second",
        bound=20_000,
        least=True,
        told="entries that were durable in a second, from one process, 64 at once",
    ),
    Limit(figure="seal_per_second", bound=50_000, least=True, told="leaves sealed in a second"),
    Limit(
        figure="page_p99_ms",
        bound=20,
        when=THIRTY_MILLION,
        told="one person's page out of 30 million entries in 120 months, 99 % within, ms",
    ),
    Limit(
        figure="page_http_p99_ms",
        bound=20,
        when=THIRTY_MILLION,
        told="… at the door, over HTTP, signed, written down before it is shown, 99 % within, ms",
    ),
    Limit(
        figure="ratio_page_http_p99",
        bound=1.25,
        when=THIRTY_MILLION,
        told="… times that out of 3 million",
    ),
    Limit(
        figure="ratio_page_p99",
        bound=1.25,
        when=THIRTY_MILLION,
        told="… times that out of 3 million (runs of the same lie a tenth apart)",
    ),
    Limit(
        figure="verify_per_second",
        bound=60_000,
        least=True,
        told="entries and outcomes verified in a second of CPU",
    ),
    Limit(
        figure="replay_per_second",
        bound=30_000,
        least=True,
        told="decisions decided again in a second of CPU",
    ),
    Limit(figure="bytes_per_decision", bound=500, told="bytes of a decision, with all indexes"),
    Limit(figure="bytes_per_outcome", bound=150, told="bytes of an outcome, with all indexes"),
)

ALL = (*CROSSING, *DIRECTORY, *SCALE, *ENDURANCE)
