"""The door for clients that speak SOAP: SSDN and SOA become the same question as any other."""
