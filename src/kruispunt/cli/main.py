"""The command line: `kruispunt <noun> <verb>`, `--json` for machines, documented exit codes."""

from kruispunt.cli.app import run


def main() -> None:
    """Run one command."""
    run()
