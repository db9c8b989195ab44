"""What the committer is given and gives back: statements, bundles of writes, groups."""

from dataclasses import dataclass

from kruispunt.postgres.query import Query


@dataclass(frozen=True, slots=True)
class Statement:
    """A query that writes many rows at once: `$1`, its one parameter, is an array of them.

    A row is a tuple of `width` values, in the order of the attributes of a composite type that a
    migration made. The driver asks of every element of an array whether it is an array itself: of
    rows that is once each, of arrays for columns once for every value, 30 times for a decision.

    `key` empty: a plain write. Else it is a claim, `insert … on conflict do nothing returning`
    the values of the row at these places: a row that does not come back was taken before.

    Statements of one group see the tables as they were before it: a statement that changes rows
    does not find those that another of the same group adds.
    """

    query: Query
    width: int
    key: tuple[int, ...] = ()

    def __hash__(self) -> int:
        return hash(self.query.name)


@dataclass(frozen=True, slots=True)
class Write:
    """One row for one statement."""

    statement: Statement
    row: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Writes that stand together. `mark`: what its group is known by, e.g. a leaf."""

    writes: tuple[Write, ...]
    mark: bytes = b""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Group:
    """All that one transaction made durable: the marks of its bundles, in their order.

    Two groups are never equal: what is made once for a group may be kept by the object.
    """

    marks: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """The bundle is durable; `index` is its place among the group's marks, -1 without a mark."""

    group: Group
    index: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A claim found its key taken. The bundle's claims before it stand; nothing after it does."""

    statement: Statement
