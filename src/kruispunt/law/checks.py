"""Holding the code lists, sources and flows against one another: what is named must stand."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from kruispunt.law.draft import Draft, Whole
from kruispunt.law.folder import Folder, Placed
from kruispunt.law.texts import (
    CheckText,
    ControlText,
    FieldText,
    FlowText,
    LineKindText,
    SourceText,
)
from kruispunt.law.types import Institution, NetworkKind, Supply, ValueType
from kruispunt.vocabulary import InstitutionCode

T = TypeVar("T")

LINE_FIELDS: Final = ("sector", "quality", "begin_date", "end_date")
"""What a line that a flow shows tells: never who stands behind a node."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that the law may name, and whom to tell when it names something else."""

    folder: Folder
    institutions: dict[str, Institution]
    sectors: frozenset[int]
    qualities: frozenset[tuple[int | None, int]]
    sources: dict[str, Whole[SourceText, FieldText]]
    flows: dict[str, Whole[FlowText, CheckText]]
    purposes: frozenset[str]
    reasons: frozenset[str]

    @classmethod
    def of(cls, draft: Draft, folder: Folder) -> "Names":
        """Index a draft by the names it gives."""
        return cls(
            folder=folder,
            institutions={one.text.code: one.text for one in draft.institutions},
            sectors=frozenset(one.text.sector for one in draft.sectors),
            qualities=frozenset((one.text.sector, one.text.quality) for one in draft.qualities),
            sources={one.head.text.id: one for one in draft.sources},
            flows={one.head.text.id: one for one in draft.flows},
            purposes=frozenset(one.text.id for one in draft.purposes),
            reasons=frozenset(one.text.id for one in draft.reasons),
        )

    def known(self, at: Placed[T], kind: str, name: str, names: Collection[str]) -> bool:
        """True where the name stands; a fault where it stands nowhere in the law."""
        if name not in names and name not in self.folder.broken:
            self.folder.fault(at, f"no {kind} {name!r}")
        return name in names

    def codes(self, at: Placed[T], asked: CheckText | ControlText | LineKindText) -> None:
        """The sector of what names lines must stand, and its qualities in that sector."""
        if asked.sector not in self.sectors:
            self.folder.fault(at, f"no sector {asked.sector}")
        for code in asked.qualities:
            if not {(asked.sector, int(code)), (None, int(code))} & self.qualities:
                self.folder.fault(at, f"no quality {code!r} in sector {asked.sector}")

    def once(self, kind: str, placed: Iterable[tuple[Placed[T], Hashable]]) -> None:
        """An id may be given once; the second and later places are told."""
        seen: set[Hashable] = set()
        for at, name in placed:
            if name in seen:
                self.folder.fault(at, f"{kind} {name!r} stands twice")
            seen.add(name)


def check_lists(draft: Draft, names: Names) -> None:
    """Institutions, sectors, qualities, purposes and reasons."""
    names.once("institution", ((one, one.text.code) for one in draft.institutions))
    names.once(
        "quality", ((one, f"{one.text.sector}/{one.text.quality:03d}") for one in draft.qualities)
    )
    names.once("purpose", ((one, one.text.id) for one in draft.purposes))
    contexts = [(one, text) for one in draft.purposes for text in one.text.legal_contexts]
    names.once("legal context", contexts)
    names.once("reason", ((one, one.text.id) for one in draft.reasons))
    names.once("reader", ((one, (one.text.role, one.text.reads)) for one in draft.readers))
    names.once("look", ((one, one.text.id) for one in draft.unseen))
    roles = {role for one in draft.institutions for role in one.text.roles}
    for reader in draft.readers:
        for role in reader.text.institutions:
            names.known(reader, "role of an institution", role, roles)
    for look in draft.unseen:
        for purpose in look.text.purposes:
            names.known(look, "purpose", purpose, names.purposes)
    for quality in draft.qualities:
        if quality.text.sector is not None and quality.text.sector not in names.sectors:
            names.folder.fault(quality, f"no sector {quality.text.sector}")
    for institution in draft.institutions:
        _check_institution(institution, names)
    hubs = [one for one in draft.institutions if one.text.kind is NetworkKind.INTEGRATOR]
    for extra in hubs[1:]:
        names.folder.fault(extra, f"a second integrator beside {hubs[0].text.code!r}")
    if draft.institutions and not hubs:
        names.folder.fault(draft.institutions[0], "no institution is the integrator")


def _check_institution(at: Placed[Institution], names: Names) -> None:
    institution = at.text
    if institution.node is not None:
        names.known(at, "institution", institution.node, names.institutions)
    elif institution.kind is NetworkKind.SECONDARY:
        names.folder.fault(at, f"{institution.code!r} is secondary, but behind no node")
    if institution.node == InstitutionCode(institution.code):
        names.folder.fault(at, f"{institution.code!r} stands behind itself")
    for sector in institution.sectors:
        if sector not in names.sectors:
            names.folder.fault(at, f"no sector {sector}")


def check_source(source: Whole[SourceText, FieldText], names: Names) -> None:
    """A source has an owner, and fields that each stand once and say how long they are."""
    for owner in (source.head.text.owner, *source.head.text.co_owners):
        names.known(source.head, "institution", owner, names.institutions)
    names.once("field", ((one, one.text.name) for one in source.items))
    groups = {one.text.name for one in source.items if one.text.type is ValueType.GROUP}
    for at in source.items:
        field = at.text
        if field.type in (ValueType.DECIMAL, ValueType.EUR) and field.digits is None:
            names.folder.fault(at, f"{field.name!r} is {field.type}, but has no digits")
        parent, dot, _ = field.name.rpartition(".")
        if dot and parent not in groups and parent not in names.folder.broken:
            names.folder.fault(at, f"{field.name!r} stands in no group {parent!r}")


def check_flow(flow: Whole[FlowText, CheckText], names: Names) -> None:
    """A flow gives fields of its source, and checks where the directory answers."""
    text = flow.head.text
    names.known(flow.head, "institution", text.supplier, names.institutions)
    if names.known(flow.head, "source", text.source, names.sources):
        fields = {one.text.name for one in names.sources[text.source].items}
        for field in text.fields:
            names.known(flow.head, f"field of {text.source}", field, fields)
    for field, count in Counter(text.fields).items():
        if count > 1:
            names.folder.fault(flow.head, f"field {field!r} stands twice")
    names.once("check of field", ((one, one.text.field) for one in flow.items))
    for check in flow.items:
        names.codes(check, check.text)
        names.known(check, f"field of {text.id}", check.text.field, text.fields)
    _check_details(flow.head, names)
    _check_about(flow.head, names)
    for shown in text.shows:
        names.codes(flow.head, shown)
    _check_directory(flow, names)


def _check_directory(flow: Whole[FlowText, CheckText], names: Names) -> None:
    text, checked = flow.head.text, {one.text.field for one in flow.items}
    if text.supply is not Supply.DIRECTORY:
        if checked or text.shows:
            message = "only a flow that the directory answers has checks, or shows lines"
            names.folder.fault(flow.head, message)
    elif not text.shows:
        for field in text.fields:
            if field not in checked:
                names.folder.fault(flow.head, f"the directory answers {field!r} by no check")
    else:
        for field in text.fields:
            if field in checked or field not in LINE_FIELDS:
                names.folder.fault(flow.head, f"a line that is shown has no {field!r}")


def _check_about(at: Placed[FlowText], names: Names) -> None:
    if (at.text.supply is Supply.FILE) != (at.text.about is not None):
        names.folder.fault(at, "about: expected a day for a file, and only for a file")


def _check_details(at: Placed[FlowText], names: Names) -> None:
    names.once("detail", ((at, one.name) for one in at.text.details))
    for detail in at.text.details:
        if (detail.type == ValueType.CODE) != bool(detail.values):
            message = f"detail {detail.name!r}: expected values for a code, and only for a code"
            names.folder.fault(at, message)
        if detail.only and detail.type != ValueType.BOOL:
            names.folder.fault(at, f"detail {detail.name!r}: only what says true can leave fields")
        if detail.begins and detail.type != ValueType.DATE:
            names.folder.fault(at, f"detail {detail.name!r}: only a day can begin a period")
        for field in detail.only:
            names.known(at, f"field of {at.text.id}", field, at.text.fields)
        for purpose in detail.required_for:
            names.known(at, "purpose", purpose, names.purposes)
