"""Pages of the board, of Delphi panels and of nominal groups, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.testing.harness import Harness
from tests.unit.web.test_survey_pages import KEY, World

SAID = "Parler du retour en classe avec une école inquiète"
WORDS = re.compile(r"\bpanels\.[a-z_]+\.[a-z_.]+")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    yield World(harness)
    harness.close()


def opened(browser: Any, path: str) -> None:
    browser.open(path)
    assert (path, browser.status, KEY.findall(browser.text), WORDS.findall(browser.text)) == (
        path,
        200,
        [],
        [],
    )


def test_a_need_is_said_supported_and_taken_up(world: World) -> None:
    learner, trainer, coordinator = (world.browser(role) for role in ("learner", "trainer", "coordinator"))
    opened(learner, "/needs/board")
    learner.follow("/needs/board/new")
    learner.form("/board/new").fill(text="Trop bref")
    learner.submit("/board/new")
    assert (learner.status, "text-error" in learner.page.ids) == (422, True)
    learner.form("/board/new").fill(text=SAID)
    learner.submit("/board/new")
    path = learner.path

    trainer.open("/needs/board/new")
    trainer.form("/board/new").fill(text="parler à une école inquiète du retour en classe")
    trainer.submit("/board/new")
    assert "Said already" in trainer.text
    trainer.submit(f"{path}/support")
    assert trainer.path == path
    assert "2 supporters" in trainer.text  # a trainer may know

    opened(coordinator, path)
    coordinator.form("/edit").fill(statement_fr=SAID, statement_en="Talk about a return to class")
    coordinator.submit("/edit")
    coordinator.submit("/adopt")
    assert coordinator.path.startswith("/needs/")
    opened(learner, path)
    assert coordinator.path in learner.page.links
    for page in ("/needs", coordinator.path, "/needs/board?standing=taken-up&sort=newest"):
        opened(coordinator, page)
        opened(trainer, page)
    opened(coordinator, "/programme")
    coordinator.open("/needs/board/nonsense")
    assert coordinator.status == 404
