"""Who answers a granted question: one station, the directory itself, or whoever a line points to.

Pure, as `decide` is. L500 needs it: its office fans out to the payment institutions that its own
directory names, and says how many answers will come (05/022 §5(6)-5(7)). Flows whose one source
answers for everybody get that source.
"""

from msgspec import structs

from kruispunt.authorisation.decide import stands
from kruispunt.law import Control, Flow, Jurisdiction, NetworkKind, Side, Supply
from kruispunt.vocabulary import DirectoryLine, Facts, InstitutionCode, Question, Sector


def suppliers(
    flow: Flow, question: Question, facts: Facts, jurisdiction: Jurisdiction
) -> tuple[InstitutionCode, ...]:
    """The institutions to ask, in order of code; () where no line covers the person.

    `jurisdiction` is the hub's, or that of the node that supplies the flow: only there a clause
    still has its supplier's controls. A line that meets one of them points to its member where it
    names one (the directory of that node), else to the primary institution of its sector (the
    hub's directory).
    """
    match flow.supply:
        case Supply.STATION | Supply.FILE | Supply.DIRECTORY | Supply.SEARCH | Supply.INTEGRATION:
            return (flow.supplier,)
        case Supply.BY_DIRECTORY:
            controls = _supplier_controls(question, jurisdiction)
            found = {
                code
                for line in facts.lines
                if any(_covers(line, control, question, facts) for control in controls)
                for code in _pointed_to(line, jurisdiction)
            }
            return tuple(sorted(found))


def _supplier_controls(question: Question, jurisdiction: Jurisdiction) -> tuple[Control, ...]:
    clause = jurisdiction.in_force(
        consumer=question.consumer,
        flow=question.flow,
        purpose=question.purpose,
        asked_on=question.asked_on,
    )
    controls = () if clause is None else clause.controls
    return tuple(one for one in controls if one.side is Side.SUPPLIER)


def _covers(line: DirectoryLine, control: Control, question: Question, facts: Facts) -> bool:
    """The rule of the control itself, for one line, whoever its member is."""
    anyone = structs.replace(line, member=None)
    return stands(control, question, structs.replace(facts, lines=(anyone,)))


def _pointed_to(line: DirectoryLine, jurisdiction: Jurisdiction) -> tuple[InstitutionCode, ...]:
    if line.member is not None:
        return (line.member,)
    return _of_sector(line.sector, jurisdiction)


def _of_sector(sector: Sector, jurisdiction: Jurisdiction) -> tuple[InstitutionCode, ...]:
    return tuple(
        one.code
        for one in jurisdiction.lawbook.institutions.values()
        if one.active
        and one.kind is NetworkKind.PRIMARY
        and sector in one.sectors
        and one.code != jurisdiction.seat
    )
