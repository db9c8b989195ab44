"""What reading bytes as JSON or TOML may raise, all of it: whoever reads them catches these."""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""Not of that form or type; letters, dates or numbers that are none; nested too deep."""
