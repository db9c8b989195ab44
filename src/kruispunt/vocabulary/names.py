"""Identifiers without a rule of their own: a name, so that one kind is never taken for another."""

from typing import NewType

InstitutionCode = NewType("InstitutionCode", str)
FlowId = NewType("FlowId", str)
PurposeId = NewType("PurposeId", str)
SourceId = NewType("SourceId", str)
FieldName = NewType("FieldName", str)
ClauseId = NewType("ClauseId", str)
KeyId = NewType("KeyId", str)

Sector = NewType("Sector", int)
"""Number of a sector of the network, 0 to 999."""

Quality = NewType("Quality", int)
"""Quality code: the kind of file a sector keeps on a person, 0 to 999, written on 3 digits."""

LawDigest = NewType("LawDigest", str)
"""SHA-256 of a lawbook in its canonical form, 64 hexadecimal digits."""
