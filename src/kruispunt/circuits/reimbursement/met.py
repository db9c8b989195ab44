"""The law that an inquiry meets while it runs: it has to set all that can still be needed."""

from kruispunt.circuits.reimbursement.case import Applied, Basis, Noticed, Reimbursement
from kruispunt.circuits.reimbursement.lawful import InquiryRules


def check_met(matter: Reimbursement, rules: InquiryRules) -> None:
    """Nothing, where the law sets what a case may need of the day on which its conditions are met.

    Raises:
        NoValue: it does not.
    """
    lawful, begun, on = rules.lawful(), matter.begun, matter.met_on
    match begun:
        case Applied():
            lawful.ceiling_cents(household=begun.household, basis=begun.basis, on=on)
        case Noticed():
            lawful.ceiling_cents(household=1, basis=Basis.CURRENT, on=on)
            for name in ("fully-unemployed.codes", "company-supplement.codes"):
                lawful.parameters[name].codes_on(on)
            lawful.parameters["company-supplement.scale-letters"].codes_on(on)
    lawful.yearly_cents((), on=on)
