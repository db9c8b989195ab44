"""What a message about lines comes to: which are named, which change, which are told. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import structs

from kruispunt.directory import Removal, added
from kruispunt.law import Clause, Jurisdiction
from kruispunt.vocabulary import (
    BELGIF,
    DEFINITIVE,
    NO_SECTOR,
    Act,
    DirectoryLine,
    FieldName,
    Issue,
    LinesAsked,
    Malformed,
    Period,
    Quality,
    Question,
    Row,
    Sector,
    Settled,
)


def named(asked: LinesAsked, clause: Clause | None) -> LinesAsked:
    """The same, with the sector: where none is said, the asker's own where that quality stands."""
    if asked.sector is not None or asked.act is Act.LIST:
        return asked
    kinds = () if clause is None else clause.integrates
    sectors = [kind.sector for kind in kinds if asked.quality in kind.qualities]
    return structs.replace(asked, sector=sectors[0] if sectors else NO_SECTOR)


def qualities_named(asked: LinesAsked, clause: Clause | None) -> Sequence[Quality]:
    """The qualities that are meant: that one, or all that the asker may bring in the sector."""
    if clause is None:
        return ()
    if asked.quality is not None:
        return (asked.quality,)
    kinds = [kind for kind in clause.integrates if kind.sector == asked.sector]
    return sorted(quality for kind in kinds for quality in kind.qualities) or [DEFINITIVE]


def check_length(asked: LinesAsked, about: Period, clause: Clause | None) -> None:
    """Nothing, where a line that is to come is as long as the law has it.

    Raises:
        Malformed: it is longer.
    """
    if asked.act is Act.INTEGRATE:
        _check(about, longest(clause, asked.sector, asked.quality))


def check_joined(
    change: DirectoryLine | Removal, stands: Iterable[DirectoryLine], clause: Clause | None
) -> None:
    """Nothing, where the line that came is as long as the law has it with those that it meets.

    `stands`: the lines with the one that came. Phases do not part what is one file.

    Raises:
        Malformed: it is longer.
    """
    if isinstance(change, Removal):
        return
    most = longest(clause, change.sector, change.quality)
    if most is None:
        return
    joined = frozenset[DirectoryLine]()
    for line in stands:
        if _is_same_file(line, change):
            joined = added(joined, structs.replace(line, phase=0))
    for line in joined:
        if line.period.covers(change.period):
            _check(line.period, most)


def joins_days_of_many(clause: Clause | None, law: Jurisdiction) -> bool:
    """True at the hub for a clause of members behind a node: its lines are the days of them all.

    How long one member's line is shows at the node alone.
    """
    return clause is not None and bool(clause.members) and not law.is_node


def longest(clause: Clause | None, sector: Sector | None, quality: Quality | None) -> int | None:
    """How many months a line lasts at most; None: as long as its file is open."""
    for kind in () if clause is None else clause.integrates:
        if kind.max_months and kind.sector == sector and quality in kind.qualities:
            return kind.max_months
    return None


def _check(about: Period, most: int | None) -> None:
    if most is None:
        return
    if about.end is None or about.end > months_after(about.begin, most):
        issue = Issue(
            type=BELGIF + "input-validation:outOfRange",
            where="body",
            name="period",
            detail=f"expected at most {most} months, with a last day",
        )
        raise Malformed("a line of this quality can't last so long", issues=(issue,))


def _is_same_file(line: DirectoryLine, other: DirectoryLine) -> bool:
    return (line.ssin, line.sector, line.quality, line.member) == (
        *(other.ssin, other.sector, other.quality, other.member),
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def own_of(
    lines: Iterable[DirectoryLine], clause: Clause | None, member: object
) -> tuple[DirectoryLine, ...]:
    """The lines that the asker may bring, so that are its own; at a node of that member alone."""
    kinds = () if clause is None else clause.integrates
    return tuple(
        line
        for line in lines
        if member in (None, line.member)
        and any(line.sector == kind.sector and line.quality in kind.qualities for kind in kinds)
    )


def clause_of(question: Question, law: Jurisdiction) -> Clause | None:
    """The clause under which a question about lines is asked, where one is in force."""
    return law.in_force(
        consumer=question.consumer,
        flow=question.flow,
        purpose=question.purpose,
        asked_on=question.asked_on,
    )


def lines_named(
    settled: Settled, asked: LinesAsked, clause: Clause | None, law: Jurisdiction
) -> tuple[DirectoryLine, ...]:
    """A line for each quality that is named, as it is asked to come, to go or to be told."""
    question = settled.question
    if asked.sector is None:
        return ()
    return tuple(
        DirectoryLine(
            ssin=settled.current,
            sector=asked.sector,
            quality=quality,
            period=question.about,
            phase=asked.phase or 0,
            member=law.lines_of(question.consumer),
        )
        for quality in qualities_named(asked, clause)
    )


def decides_alone(
    lines: Sequence[DirectoryLine], asked: LinesAsked, clause: Clause | None
) -> bool:
    """True where the lines that are named decide: they are to come, or no clause names them.

    Else the asker's own lines as they stand are the facts: who has none hears what it hears of a
    number that nobody has.
    """
    return asked.act is Act.INTEGRATE or len(own_of(lines, clause, None)) < len(lines)


def changes_of(
    question: Question, asked: LinesAsked, own: Sequence[DirectoryLine], member: object
) -> list[DirectoryLine | Removal]:
    """The line that comes, or what goes: of all qualities, those in which the asker has a line."""
    if asked.sector is None:
        raise AssertionError("expected a sector: it was named")
    whose = None if member is None else question.consumer
    if asked.act is Act.INTEGRATE:
        if asked.quality is None:
            raise AssertionError("expected a quality: the door asked for one")
        line = DirectoryLine(
            ssin=question.ssin,
            sector=asked.sector,
            quality=asked.quality,
            period=question.about,
            phase=asked.phase or 0,
            member=whose,
        )
        return [line]
    has = {line.quality for line in own if line.sector == asked.sector}
    qualities = [asked.quality] if asked.quality is not None else sorted(has)
    return [
        Removal(
            ssin=question.ssin,
            sector=asked.sector,
            quality=quality,
            phase=asked.phase,
            period=None if asked.whole else question.about,
            line_begin=asked.line_begin,
            member=whose,
        )
        for quality in qualities
    ]


def primary(
    above: Iterable[DirectoryLine], own: Sequence[DirectoryLine]
) -> Iterable[DirectoryLine]:
    """What of the hub's lines is of the asker's own files: another member's days are not told."""
    for line in above:
        for mine in own:
            alike = (line.sector, line.quality) == (mine.sector, mine.quality)
            shared = line.period.shared_with([mine.period]) if alike else None
            if shared is not None:
                yield structs.replace(line, period=shared)


def as_rows(lines: Iterable[DirectoryLine], *, member: object) -> tuple[Row, ...]:
    """The lines of this seat as rows of the flow: sector and quality on three digits."""
    return tuple(
        {
            FieldName("sector"): f"{line.sector:03d}",
            FieldName("quality"): f"{line.quality:03d}",
            FieldName("begin_date"): line.period.begin.isoformat(),
            FieldName("end_date"): None
            if line.period.last_day is None
            else line.period.last_day.isoformat(),
        }
        for line in lines
        if line.member == member
    )
