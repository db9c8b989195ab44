"""What is counted of a seat: questions, decisions, endings and time, never persons or insurers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final

from kruispunt.exchange import Directory, Earlier, Identity, Ledger, Sources
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import (
    Decision,
    Ending,
    Facts,
    Grant,
    LawDigest,
    Question,
    Recorded,
    Refusal,
    Reply,
    Settled,
)
from kruispunt.web import (
    SIZE_BUCKETS,
    Counter,
    Family,
    Histogram,
    KeyRingFile,
    Metrics,
    TellRequest,
    Watched,
    days_left,
    one,
    read_process,
    tell_request,
    tell_stage,
)

GRANTED: Final = "granted"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a question's life: its histogram, and its span where the trace is sampled."""

    name: str
    ms: Histogram

    def ended(self, began: float) -> None:
        ms = (perf_counter() - began) * 1000
        self.ms.observe(ms)
        tell_stage(self.name, ms)


class Meters:
    """The metrics of one process of a seat or station, bound once; `watched` is for its door."""

    def __init__(
        self,
        seat: str,
        *,
        worker: str,
        now: Callable[[], datetime],
        tell: TellRequest = tell_request,
    ) -> None:
        """`tell`: who tells the log of each request."""
        self._tell = tell
        self.metrics = Metrics({"seat": seat, "worker": worker})
        self.now = now
        read_process(self.metrics, started_at=now().timestamp())
        told = self.metrics
        self._requests = told.counter(
            "kruispunt_requests_total", "Requests answered.", labels=("route", "status")
        )
        self._stages = told.histogram(
            "kruispunt_stage_milliseconds", "Time that a stage took.", labels=("stage",)
        )
        self._total = self._stages.of("total")
        self._groups = told.histogram(
            "kruispunt_group_size", "Bundles in one commit.", bounds=SIZE_BUCKETS
        ).of()
        self._group_ms = told.histogram(
            "kruispunt_group_milliseconds", "Time until a group was durable."
        ).of()

    def watched(self, trace_rate: float, *, route: str) -> Watched:
        """For the door: counts every request, and times those of the route with the questions."""

        def observe(template: str, status: int, ms: float) -> None:
            self._requests.of(template, str(status)).add()
            if template == route:
                self._total.observe(ms)

        return Watched(trace_rate=trace_rate, observe=observe, tell=self._tell)

    def stage(self, name: str) -> Stage:
        return Stage(name, self._stages.of(name))

    def group(self, size: int, seconds: float) -> None:
        """For the committer: one group is durable."""
        self._groups.observe(size)
        self._group_ms.observe(seconds * 1000)

    def read_commit(self, commit: Commit) -> None:
        """What waits at the committer, and what it gave up."""
        told = self.metrics
        told.read("kruispunt_waiting", "Bundles waited for.", one(lambda: commit.waiting))
        told.read("kruispunt_riding", "Outcomes not written yet.", one(lambda: commit.riding))
        told.read(
            "kruispunt_riding_seconds",
            "How long the oldest of them has been waiting.",
            one(lambda: commit.riding_s),
        )
        told.read(
            "kruispunt_dropped_total",
            "Outcomes given up: to be shown as may have been given.",
            one(lambda: commit.dropped),
            kind="counter",
        )

    def read_pool(self, database: Database) -> None:
        """The connections of the pool."""
        self.metrics.read(
            "kruispunt_pool_connections",
            "Connections of the pool, by use.",
            lambda: (
                ((("use", "idle"),), database.idle),
                ((("use", "busy"),), database.connections - database.idle),
            ),
        )

    def read_keys(self, ring: KeyRingFile) -> None:
        """How long the keys still count that others sign with."""

        def read() -> Iterable[tuple[tuple[tuple[str, str], ...], float]]:
            left = days_left(ring.now(), self.now())
            return (((("key", key),), days) for key, days in left.items())

        self.metrics.read("kruispunt_key_days_left", "Days until a key stops counting.", read)

    def read_checkpoint(self, signed_at: Callable[[], float | None]) -> None:
        """How old the published checkpoint is: while it stands still, what waits can be lost."""

        def read() -> Iterable[tuple[tuple[tuple[str, str], ...], float]]:
            at = signed_at()
            return () if at is None else (((), self.now().timestamp() - at),)

        self.metrics.read(
            "kruispunt_checkpoint_age_seconds", "Since the tree's checkpoint was signed.", read
        )

    def read_sources(self, resting: Callable[[], Iterable[str]]) -> None:
        """Sources that are left alone for a moment."""
        self.metrics.read(
            "kruispunt_source_resting",
            "1 for each source that was silent too often.",
            lambda: (((("source", source),), 1) for source in resting()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedIdentity:
    """Settles, and tells how long it took."""

    inner: Identity
    stage: Stage

    async def settle(self, question: Question) -> Settled:
        began = perf_counter()
        try:
            return await self.inner.settle(question)
        finally:
            self.stage.ended(began)

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]:
        began = perf_counter()
        try:
            return await self.inner.settle_many(questions)
        finally:
            self.stage.ended(began)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedDirectory:
    """Brings facts, and tells how long it took."""

    inner: Directory
    stage: Stage

    async def facts(self, settled: Settled) -> Facts:
        began = perf_counter()
        try:
            return await self.inner.facts(settled)
        finally:
            self.stage.ended(began)

    async def facts_many(self, settled: Sequence[Settled]) -> list[Facts]:
        began = perf_counter()
        try:
            return await self.inner.facts_many(settled)
        finally:
            self.stage.ended(began)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedSources:
    """Asks, and tells how long it took."""

    inner: Sources
    stage: Stage

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        began = perf_counter()
        try:
            return await self.inner.fetch(recorded, timeout_s=timeout_s)
        finally:
            self.stage.ended(began)

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:
        began = perf_counter()
        try:
            await self.inner.forward(recorded, timeout_s=timeout_s)
        finally:
            self.stage.ended(began)

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        began = perf_counter()
        try:
            await self.inner.blank(recorded, timeout_s=timeout_s)
        finally:
            self.stage.ended(began)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLedger:
    """Records, and counts what was decided and how it ended."""

    inner: Ledger
    stage: Stage
    questions: Family[Counter]
    endings: Family[Counter]

    @classmethod
    def of(cls, inner: Ledger, meters: Meters) -> "CountedLedger":
        """A ledger whose counters stand among the metrics."""
        return cls(
            inner=inner,
            stage=meters.stage("commit"),
            questions=meters.metrics.counter(
                "kruispunt_questions_total",
                "Decisions recorded; told: what the consumer heard of a refusal.",
                labels=("flow", "decision", "told"),
            ),
            endings=meters.metrics.counter(
                "kruispunt_looks_ended_total",
                "Grants that came to an end.",
                labels=("flow", "ending", "cause"),
            ),
        )

    async def claim(self, question: Question) -> None:
        await self.inner.claim(question)

    async def record(
        self,
        question: Question,
        facts: Facts,
        decision: Decision,
        *,
        law: LawDigest,
        claimed: bool = False,
    ) -> Recorded[Decision] | Earlier:
        began = perf_counter()
        try:
            recorded = await self.inner.record(question, facts, decision, law=law, claimed=claimed)
        finally:
            self.stage.ended(began)
        if not isinstance(recorded, Earlier):
            self._count(recorded)
        return recorded

    async def record_again(
        self, earlier: Earlier, question: Question, decision: Decision
    ) -> Recorded[Decision]:
        recorded = await self.inner.record_again(earlier, question, decision)
        self._count(recorded)
        return recorded

    def ended(
        self, recorded: Recorded[Decision], ending: Ending, *, rows: int = 0, cause: str = ""
    ) -> None:
        self.inner.ended(recorded, ending, rows=rows, cause=cause)
        self.endings.of(recorded.entry.question.flow, ending.value, cause).add()

    def close(self, recorded: Recorded[Decision]) -> None:
        self.inner.close(recorded)

    def _count(self, recorded: Recorded[Decision]) -> None:
        match recorded.decision:
            case Refusal(reason=reason):
                decision, told = REFUSED, reason.told.value if reason.told else ""
            case Grant():
                decision, told = GRANTED, ""
        self.questions.of(recorded.entry.question.flow, decision, told).add()
