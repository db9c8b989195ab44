"""Classic XML (SSDN): envelopes of service requests, each the same question as any other."""

from kruispunt.gateway.soap.ssdn.composing import ssdn_service
from kruispunt.gateway.soap.ssdn.connector import SsdnService

__all__ = ["SsdnService", "ssdn_service"]
