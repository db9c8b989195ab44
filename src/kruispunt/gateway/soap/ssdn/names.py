"""Namespaces and names of the classic XML services (SSDN), as their clients write them."""

from typing import Final

ROOT: Final = "http://www.ksz-bcss.fgov.be/XSD/"
CONNECTOR: Final = "http://ksz-bcss.fgov.be/connectors/WebServiceConnector"
"""Of the SOAP body. Without `www.`, unlike all others."""

SERVICE: Final = ROOT + "SSDN/Service"
COMMON: Final = ROOT + "SSDN/Common"
IDENTIFY_PERSON: Final = ROOT + "SSDN/OCMW_CPAS/IdentifyPerson"
MANAGE_ACCESS: Final = ROOT + "SSDN/OCMW_CPAS/ManageAccess"
PERFORM_INVESTIGATION: Final = ROOT + "SSDN/OCMW_CPAS/PerformInvestigation"
REFERENCE_MANAGER: Final = ROOT + "SSDN/ReferenceManagerFacade"
HEALTH_INSURANCE: Final = ROOT + "SSDN/HealthInsurance"
MESSAGE: Final = ROOT + "Message"
CLASSIC: Final = "http://www.ksz-bcss.fgov.be/XmlSchema"
