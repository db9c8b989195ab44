"""Entries to test with: one built by hand, and all that may ever come."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from msgspec import structs

from kruispunt.audit import Change, Made, Part, Reading
from kruispunt.law import Reads
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    FieldName,
    FlowId,
    Grant,
    Ground,
    InstitutionCode,
    KeyId,
    LawDigest,
    NumberFact,
    NumberStatus,
    Outcome,
    Period,
    Proof,
    ProofKind,
    PurposeId,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
    Ssin,
    Withheld,
    check_digits,
)

ANNA = Ssin("85073003328")
BORIS = Ssin("17073003384")
GROUND = Ground(
    clause=ClauseId("31-007-4-a"),
    deliberation="31/007",
    paragraph="§ 4",
    fields=(FieldName("employer"), FieldName("begin")),
    withheld=(Withheld(field=FieldName("wage"), reason="not needed", paragraph="§ 5"),),
)
RECORDED_AT = datetime(2031, 6, 1, 9, 30, 0, 123456, tzinfo=UTC)
PROOF = Proof(
    key_id=KeyId("fund-1"),
    nonce=bytes(range(16)),
    created=1_938_072_599,
    expires=1_938_072_659,
    signature=bytes(range(64)),
    digest=bytes(range(32)),
)
QUESTION = Question(
    message_id=UUID("01928bd5-0000-7000-8000-000000000001"),
    consumer=InstitutionCode("FUND"),
    flow=FlowId("employment.consult"),
    purpose=PurposeId("benefits"),
    ssin=ANNA,
    about=Period(date(2031, 5, 1), date(2031, 6, 1)),
    received_at=datetime(2031, 6, 1, 9, 30, 0, 120000, tzinfo=UTC),
    asked_on=date(2031, 6, 1),
    proof=PROOF,
    ticket="ticket-7",
    file_reference="file 12/3",
    user="program",
    role="clerk",
    sent_at=datetime(2031, 6, 1, 9, 29, 59, tzinfo=UTC),
)


def a_reading(
    number: int = 1,
    *,
    institution: InstitutionCode = QUESTION.consumer,
    ssin: Ssin | None = ANNA,
    refused: str = "",
    at: datetime | None = None,
) -> Reading:
    at = at or RECORDED_AT + timedelta(milliseconds=number)
    return Reading(
        id=UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | 1 << 40 | number),
        recorded_at=at,
        lawbook=LawDigest("ab" * 32),
        institution=institution,
        role="citizen",
        user="portal session 4711",
        reads=Reads.PERSON,
        ssin=ssin,
        begin=date(2031, 5, 1),
        end=date(2031, 6, 1),
        consumer=None,
        after="",
        limit=100,
        why="own page",
        received_at=at - timedelta(milliseconds=1),
        proof=PROOF,
        refused=refused,
    )


def a_change(
    number: int = 1, *, ssin: Ssin | None = ANNA, institution: InstitutionCode | None = None
) -> Change:
    at = RECORDED_AT + timedelta(milliseconds=number)
    return Change(
        id=UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | 2 << 40 | number),
        recorded_at=at,
        institution=institution or InstitutionCode("NODE"),
        user="kim",
        made=Made.INTEGRATION,
        ssin=ssin,
        part=Part(
            sector=Sector(11),
            quality=Quality(1),
            phase=0,
            period=Period(date(2031, 1, 1), None),
            member=InstitutionCode("FUND"),
        ),
        file=None,
        why="form I605 of 2 June",
    )


def a_line(
    ssin: Ssin = ANNA, *, sector: int = 11, quality: int = 1, member: str | None = None
) -> DirectoryLine:
    return DirectoryLine(
        ssin=ssin,
        sector=Sector(sector),
        quality=Quality(quality),
        period=Period(date(2020, 1, 1)),
        member=None if member is None else InstitutionCode(member),
    )


def an_entry(number: int = 1, *, ssin: Ssin = ANNA, at: datetime = RECORDED_AT) -> Entry:
    milliseconds = int(at.timestamp() * 1000)
    return Entry(
        id=UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number),
        recorded_at=at,
        question=structs.replace(
            QUESTION, ssin=ssin, message_id=UUID(int=7 << 76 | 2 << 62 | number)
        ),
        facts=Facts(number=NumberFact(status=NumberStatus.KNOWN), lines=(a_line(ssin),)),
        decision=Grant(ground=GROUND),
        lawbook=LawDigest("ab" * 32),
    )


def an_outcome(entry: Entry, ending: Ending = Ending.GIVEN) -> Outcome:
    return Outcome(
        entry=entry.id,
        recorded_at=entry.recorded_at,
        ended_at=entry.recorded_at,
        ending=ending,
        rows=2 if ending is Ending.GIVEN else 0,
    )


EPOCH = datetime(1970, 1, 2, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=47_000)).map(lambda since: EPOCH + since)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)
codes = st.sampled_from(("A", "B", "fonds-é", "x" * 40))
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@st.composite
def ssins(draw: st.DrawFn) -> Ssin:
    born, counter = draw(days.filter(lambda day: day.year < 2100)), draw(st.integers(1, 997))
    month = born.month + draw(st.sampled_from((0, 20, 40)))
    head = int(f"{born.year % 100:02d}{month:02d}{born.day:02d}{counter:03d}")
    return Ssin(f"{head:09d}{check_digits(head, from_2000=born.year >= 2000):02d}")


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin, end = sorted(draw(st.lists(days, min_size=2, max_size=2, unique=True)))
    return Period(begin, draw(st.sampled_from((end, None))))


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    return Ground(
        clause=ClauseId(draw(texts)),
        deliberation=draw(texts),
        paragraph=draw(texts),
        fields=tuple(map(FieldName, draw(st.lists(texts, max_size=4)))),
        withheld=tuple(
            Withheld(field=FieldName(field), reason=reason, paragraph=paragraph)
            for field, reason, paragraph in draw(
                st.lists(st.tuples(texts, texts, texts), max_size=3)
            )
        ),
    )


@st.composite
def facts(draw: st.DrawFn, asked: Ssin) -> Facts:
    status = draw(st.sampled_from(NumberStatus))
    successor = draw(ssins()) if status is NumberStatus.REPLACED else None
    deceased_on = draw(days) if status is NumberStatus.DECEASED else None
    number = NumberFact(status=status, successor=successor, deceased_on=deceased_on)
    drawn = draw(
        st.lists(
            st.builds(
                DirectoryLine,
                ssin=st.just(successor or asked),
                sector=st.integers(0, 999).map(Sector),
                quality=st.integers(0, 999).map(Quality),
                period=periods(),
                phase=st.integers(0, 99),
                member=st.none() | codes.map(InstitutionCode),
            ),
            max_size=4,
        )
    )
    return Facts(number=number, lines=tuple(drawn))


proofs = st.builds(
    Proof,
    key_id=codes.map(KeyId),
    nonce=st.binary(max_size=32),
    created=st.integers(0, 4_000_000_000),
    expires=st.integers(0, 4_000_000_000),
    signature=st.binary(min_size=64, max_size=64),
    digest=st.binary(min_size=32, max_size=32),
    kind=st.sampled_from(ProofKind),
).filter(lambda proof: abs(proof.expires - proof.created) < 2**31)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    message_id = UUID(int=draw(st.integers(0, 2**128 - 1)))
    received_at, proof = draw(moments), draw(proofs)
    near = int(received_at.timestamp())
    return Question(
        message_id=message_id,
        consumer=InstitutionCode(draw(codes)),
        flow=FlowId(draw(codes)),
        purpose=PurposeId(draw(codes)),
        ssin=draw(ssins()),
        about=draw(periods()),
        received_at=received_at,
        asked_on=draw(days),
        proof=structs.replace(
            proof, created=near + 5, expires=near + 5 + proof.expires - proof.created
        ),
        ticket=draw(texts | st.just(str(message_id)) | st.just(str(message_id).upper())),
        file_reference=draw(texts),
        user=draw(texts),
        role=draw(texts),
        sent_at=draw(st.none() | moments),
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    question = draw(questions())
    refusal = st.builds(
        Refusal,
        reason=st.sampled_from(Reason),
        ground=st.none() | grounds(),
        successor=st.none() | ssins(),
    )
    return Entry(
        id=UUID(int=draw(st.integers(0, 2**128 - 1))),
        recorded_at=draw(moments),
        question=question,
        facts=draw(facts(question.ssin)),
        decision=draw(st.builds(Grant, ground=grounds()) | refusal),
        lawbook=LawDigest(draw(st.text("0123456789abcdef", min_size=64, max_size=64))),
        repeats=draw(st.none() | st.uuids()),
    )


outcomes = st.builds(
    Outcome,
    entry=st.uuids(),
    recorded_at=moments,
    ended_at=moments,
    ending=st.sampled_from(Ending),
    rows=st.integers(0, 2**31 - 1),
    cause=texts,
)
