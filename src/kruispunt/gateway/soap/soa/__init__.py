"""SOA: services with CommonV3, one for each flow of the lawbook that is answered at once."""

from kruispunt.gateway.soap.soa.offer import soa_services, wsdl_files

__all__ = ["soa_services", "wsdl_files"]
