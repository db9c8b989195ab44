"""Tables of lines, by the million: read, checked, built and copied in.

A seat that only looks lines up needs nothing of it, and starts without it.
"""

from kruispunt.directory.loading.load import BadRows, Loaded, load_file, load_frame
from kruispunt.directory.loading.table import BadRow, WrongTable

__all__ = ["BadRow", "BadRows", "Loaded", "WrongTable", "load_file", "load_frame"]
