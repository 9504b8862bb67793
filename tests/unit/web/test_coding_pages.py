"""Pages of open answers and exports, as a browser without JavaScript sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from gateway.asgi import build_gateway
from gateway.demo.people import LEADS
from shared.testing.harness import Harness
from tests.unit.surveys.office import Office
from tests.unit.surveys.support import View
from tests.unit.web.browsing import Browser


class Site(Office):
    """The gateway over identity and surveys, with the demo's people."""

    def __init__(self, harness: Harness) -> None:
        harness.clock.advance(datetime.now(UTC) - harness.clock.now())
        for person in LEADS:
            harness.call("identity", "seed_account", person.profile())
        harness.drain()
        super().__init__(harness)
        self.app = build_gateway(harness.settings, harness.bus)

    def browser(self, role: str) -> Browser:
        browser = Browser(self.app)
        browser.sign_in(role)
        return browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    harness = Harness(tmp_path_factory.mktemp("coding"), ("identity", "surveys"))
    yield Site(harness)
    harness.close()


@pytest.fixture(scope="module")
def survey(site: Site) -> View:
    return site.closed()


def coded_by(browser: Browser, address: str, codes: list[str], rule: Callable[[int], list[int]]) -> None:
    """Open the coding, give every answer its codes by the form's buttons, and finish."""
    browser.open(f"{address}/code?number=1")
    for number in range(1, 13):
        action = next(form for form in browser.page.forms if "/code/" in form.action)
        action.fields = [(name, value) for name, value in action.fields if name not in ("codes", "nothing")]
        given = rule(number)
        action.fields += [("codes", codes[place]) for place in given] or [("nothing", "1")]
        browser.press("go", "next")
    assert browser.path == address
    browser.submit("/finish")


def given_to_two(site: Site, survey: View, lead: Browser) -> tuple[str, list[str]]:
    """Have "why" coded by the coordinator and the trainer with two codes: the coding's address, the codes' ids."""
    lead.open(f"/surveys/{survey['id']}/open-answers/why/coding")
    ids = [account_of(site, name) for name in ("Sylvie Arsenault", "Daniel Okoye")]
    lead.form("/coding").fill(first_coder=ids[0], second_coder=ids[0])
    lead.submit("/coding")
    assert lead.status == 422
    lead.form("/coding").fill(first_coder=ids[0], second_coder=ids[1])
    lead.submit("/coding")
    address = lead.path
    for label in ("Temps", "Peur"):
        lead.form("/codes").fill(label_fr=label, label_en=label, definition_fr="", definition_en="")
        lead.submit("/codes")
        assert lead.status == 200
    coding = site.ask("get_coding", coding_id=address.rsplit("/", 1)[1])
    return address, [code["id"] for code in coding["codes"]]


def settled(lead: Browser, address: str, code: str) -> None:
    """Decide the one disagreement."""
    lead.open(f"{address}/disagreements")
    decision = next(form for form in lead.page.forms if "/disagreements/" in form.action)
    decision.fields = [(n, v) for n, v in decision.fields if n not in ("codes", "nothing", "reason")]
    decision.fields += [("codes", code), ("reason", "Elle parle du temps.")]
    lead.submit(decision.action)
    assert "Elle parle du temps." in lead.html


def test_a_question_is_read_coded_settled_and_its_themes_published(site: Site, survey: View) -> None:
    lead, trainer = site.browser("coordinator"), site.browser("trainer")
    lead.open(f"/surveys/{survey['id']}/open-answers/why")
    assert lead.status == 200
    assert "réponse 3" in lead.html
    assert "Votre devoir" in lead.html
    address, codes = given_to_two(site, survey, lead)
    coded_by(lead, address, codes, lambda n: [0] if n <= 6 else [1])
    trainer.open(f"{address}/disagreements")
    assert trainer.status == 409
    coded_by(trainer, address, codes, lambda n: [0] if n <= 7 else [1])
    assert "Cohen" in trainer.html
    settled(lead, address, codes[0])
    lead.open(address)
    lead.submit("/complete")
    lead.open(f"/surveys/{survey['id']}/themes")
    assert "« Temps » revient le plus" in lead.html.replace("\u00a0", " ")
    assert "Temps,7,12" in lead.client.get(f"/surveys/{survey['id']}/themes.csv").text


def account_of(site: Site, name: str) -> str:
    """The id of one of the demo's people."""
    listed = site.harness.call("identity", "list_members", {"limit": 200}, actor=site.coordinator)["items"]
    return str(next(one["id"] for one in listed if one["display_name"] == name))


def test_export_page_says_what_each_file_is_for_and_gives_it(site: Site, survey: View) -> None:
    browser = site.browser("coordinator")
    browser.open(f"/surveys/{survey['id']}/export")
    assert browser.status == 200
    for text in ("SPSS", "SAV", "CSV"):
        assert text in browser.html
    form = browser.form("/export")
    sent = dict(form.fields) | {"format": "xlsx", "language": "fr"}
    answer = browser.client.post(f"/surveys/{survey['id']}/export", data=sent)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert load_workbook(BytesIO(answer.content)).sheetnames == ["Réponses", "Dictionnaire", "Notes"]
    refused = browser.client.post(
        f"/surveys/{survey['id']}/export", data=sent | {"identities": "1", "reason": "Parce que"}
    )
    assert refused.status_code == 409
    learner = site.browser("learner")
    learner.open(f"/surveys/{survey['id']}/export")
    assert learner.status == 403
