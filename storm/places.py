"""Where the campaign keeps its own files, beside those of the house."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Paths of one campaign. `state` is the state folder of the house."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def database(self) -> Path:
        """Where the database's files stand."""
        return self.state / "database"

    @property
    def mode(self) -> Path:
        """What the proxy before the station does to the messages that pass it."""
        return self.folder / "mode.json"

    @property
    def asked(self) -> Path:
        """One line for each look that the hub asked for, as the proxy saw it pass."""
        return self.folder / "asked.log"

    def offset(self, process: str) -> Path:
        """How far the clock of a process is off."""
        return self.folder / "clocks" / process

    def make(self) -> None:
        """Make the folders."""
        for path in (self.folder, self.state, self.offset("x").parent):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
