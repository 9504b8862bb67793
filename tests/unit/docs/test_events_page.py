from tests.unit.docs.events_page import PAGE, consumers, page


def test_page_of_events_is_current() -> None:
    assert PAGE.read_text() == page(), "run: .venv/bin/python -m tests.unit.docs.events_page"


def test_page_names_who_hears_an_event() -> None:
    heard = consumers()["surveys.proposal.approved.v1"]
    assert {name.partition(".")[0] for name in heard} >= {"courses", "community"}
    row = next(line for line in page().splitlines() if line.startswith("| `surveys.proposal.approved.v1`"))
    assert [name for name in heard if f"`{name}`" not in row] == []
