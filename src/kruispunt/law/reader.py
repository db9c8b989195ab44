"""Reading the law: one pass over the folder that ends in a lawbook, or in every fault at once."""

from dataclasses import dataclass
from pathlib import Path

from kruispunt.law.build import build
from kruispunt.law.build_cases import build_cases
from kruispunt.law.case import Case
from kruispunt.law.checks import Names, check_flow, check_lists, check_source
from kruispunt.law.clause_checks import check_clauses
from kruispunt.law.draft import Draft, read_draft
from kruispunt.law.faults import LawWrong
from kruispunt.law.folder import Folder
from kruispunt.law.keep import bind
from kruispunt.law.lawbook import Lawbook
from kruispunt.law.parameter_checks import check_parameters
from kruispunt.vocabulary import data_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The lawbook, and beside it the cases that say what it means."""

    lawbook: Lawbook
    cases: tuple[Case, ...]


def read_law(folder: Path | None = None) -> Law:
    """Read and check a law folder with its cases; without one, the law that came along.

    Raises:
        LawWrong: with every fault, each with its file and place.
    """
    law = Folder(folder or data_folder("law"))
    draft = read_draft(law)
    _check(draft, Names.of(draft, law))
    if law.faults:
        raise LawWrong(law.faults)
    lawbook = bind(build(draft))
    return Law(lawbook=lawbook, cases=build_cases(draft, hub=lawbook.hub))


def read_lawbook(folder: Path | None = None) -> Lawbook:
    """Read and check a law folder, as `read_law` does."""
    return read_law(folder).lawbook


def _check(draft: Draft, names: Names) -> None:
    check_lists(draft, names)
    names.once("source", ((one.head, one.head.text.id) for one in draft.sources))
    names.once("flow", ((one.head, one.head.text.id) for one in draft.flows))
    for source in draft.sources:
        check_source(source, names)
    for flow in draft.flows:
        check_flow(flow, names)
    check_clauses(draft, names)
    check_parameters(draft, names)
