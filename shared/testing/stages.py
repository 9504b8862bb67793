"""Which tests need more than this process. `make test` runs them after all others."""

HEAVY = ("distributed", "postgres", "e2e", "chaos")
"""Markers."""
FOLDERS = ("tests/chaos", "tests/contract", "tests/e2e", "tests/integration", "tests/unit/testing")
"""Where they are: collecting the other folders as well would take as long as many of them."""
