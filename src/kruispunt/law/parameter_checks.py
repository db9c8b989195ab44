"""Holding parameters to their unit and days: one value on every day, each with its source."""

from itertools import pairwise

from kruispunt.law.checks import Names
from kruispunt.law.draft import Draft
from kruispunt.law.folder import Placed
from kruispunt.law.parameter import Unit
from kruispunt.law.texts import ParameterText, ValueText
from kruispunt.vocabulary import Period, WrongPeriod


def check_parameters(draft: Draft, names: Names) -> None:
    """Every parameter stands once; its values fit it, follow one another and cite their source."""
    names.once("parameter", ((one, one.text.id) for one in draft.parameters))
    for at in draft.parameters:
        placed = [
            Placed(file=at.file, path=f"{at.path}.values[{number}]", text=value)
            for number, value in enumerate(at.text.values)
        ]
        for value in placed:
            _check_value(value, at.text.unit, names)
        dated = [value for value in placed if _has_period(value, names)]
        if dated == placed:
            _check_days(placed, at.text, names)


def _check_value(at: Placed[ValueText], unit: Unit, names: Names) -> None:
    value = at.text
    if value.given() != [unit]:
        found = ", ".join(value.given()) or "nothing"
        names.folder.fault(at, f"expected {unit}, found {found}")
    if not value.source and not value.assumption:
        names.folder.fault(at, "neither a source nor an assumption")
    if value.codes is not None and len(set(value.codes)) < len(value.codes):
        names.folder.fault(at, "a code stands twice")


def _has_period(at: Placed[ValueText], names: Names) -> bool:
    try:
        Period.through(at.text.begin, at.text.until)
    except WrongPeriod as wrong:
        names.folder.fault(at, f"from and until: {wrong}")
        return False
    return True


def _check_days(placed: list[Placed[ValueText]], parameter: ParameterText, names: Names) -> None:
    in_order = sorted(placed, key=lambda one: one.text.begin)
    for earlier, later in pairwise(in_order):
        end = Period.through(earlier.text.begin, earlier.text.until).end
        if end is None or later.text.begin < end:
            message = f"{parameter.id!r} has two values on {later.text.begin}"
            names.folder.fault(later, message)
        elif end < later.text.begin:
            last = Period(end, later.text.begin).last_day
            message = f"{parameter.id!r} has no value from {end} to {last}"
            names.folder.fault(later, message)
