"""`python -m kruispunt`: the command line in this interpreter."""

from kruispunt.cli.main import main

main()
