"""`python -m gateway` is the `cercle` command."""

from gateway.cli import main

main()
