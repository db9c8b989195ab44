"""The SOAP door: envelopes become the same questions here, and the same answers leave as XML."""
