"""Twenty at once on PostgreSQL: what SQLite's single writer would hide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.identity.tables import metadata
from shared.errors import CercleError
from shared.ids import new_id
from shared.testing.backends import Postgres
from shared.testing.harness import Harness
from tests.unit.identity.support import PASSWORD, Desk, acceptance

CALLERS = 20


@pytest.fixture
def desk(postgres_server: Postgres, tmp_path: Path) -> Iterator[Desk]:
    name = f"identity_{new_id().hex[-12:]}"
    url = postgres_server.create_database(name, "identity-test", name).replace(
        "postgresql:", "postgresql+psycopg:"
    )
    harness = Harness(tmp_path, ("identity",), database_url=url)
    yield Desk(harness)
    harness.close()
    postgres_server.drop_database(name)


def at_once(call: Callable[[int], Any]) -> Counter[str]:
    """Outcomes of twenty simultaneous calls: "ok" or the code of the refusal."""
    barrier = Barrier(CALLERS)

    def run(number: int) -> str:
        barrier.wait()
        try:
            call(number)
        except CercleError as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(run, range(CALLERS)))


def test_migration_equals_the_metadata_on_postgres(desk: Desk) -> None:
    with desk.service.db.engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
            == []
        )


@pytest.mark.parametrize("same_address", [True, False])
def test_invitation_accepted_by_twenty_makes_one_account(desk: Desk, same_address: bool) -> None:
    secret = desk.service.ensure_first_invitation() or ""
    outcomes = at_once(
        lambda n: desk.call(
            "accept_invitation", acceptance(secret, f"p{0 if same_address else n}@example.ca")
        )
    )
    assert outcomes == {"ok": 1, "invitation-ended": CALLERS - 1}
    assert len(desk.harness.events("identity")) == 1


def test_one_address_with_twenty_invitations_makes_one_account(desk: Desk) -> None:
    admin = desk.first_admin()
    invitation = {"roles": ["learner"], "language": "fr"}
    secrets = [desk.call("create_invitation", invitation, actor=admin)["secret"] for _ in range(CALLERS)]
    outcomes = at_once(lambda n: desk.call("accept_invitation", acceptance(secrets[n], "same@example.ca")))
    assert outcomes == {"ok": 1, "email-taken": CALLERS - 1}


def test_guessing_twenty_times_at_once_checks_no_more_than_the_free_tries(desk: Desk) -> None:
    desk.first_admin()
    before = desk.service.passwords.verified
    outcomes = at_once(
        lambda n: desk.call("sign_in", {"email": "admin@example.ca", "password": f"wrong {n} wrong"})
    )
    assert outcomes == {"bad-credentials": 5, "too-many-attempts": CALLERS - 5}
    assert desk.service.passwords.verified - before == 5


def test_profile_saved_by_twenty_from_one_version_is_saved_once(desk: Desk) -> None:
    admin = desk.first_admin()
    outcomes = at_once(
        lambda n: desk.call("update_profile", {"version": 1, "city": f"Ville {n}"}, actor=admin)
    )
    assert outcomes == {"ok": 1, "stale": CALLERS - 1}
    assert desk.call("get_me", {}, actor=admin)["version"] == 2


def test_twenty_admins_who_step_down_at_once_leave_one(desk: Desk) -> None:
    admin = desk.first_admin()
    admins = [admin] + [
        desk.member(admin, f"a{n}@example.ca", "Ana Roy", "admin") for n in range(CALLERS - 1)
    ]
    outcomes = at_once(
        lambda n: desk.call(
            "set_roles",
            {"account_id": str(admins[n].account_id), "roles": ["learner"], "version": 1},
            actor=admins[n],
        )
    )
    assert outcomes == {"ok": CALLERS - 1, "last-admin": 1}


def test_sign_in_and_search_work_as_on_sqlite(desk: Desk) -> None:
    admin = desk.first_admin()
    desk.member(admin, "e@example.ca", "Étienne Bélanger", profession="Œuvre sociale 50%")
    session = desk.sign_in("e@example.ca", PASSWORD)["session"]
    assert desk.call("resolve_session", {"session": session})["account"]["display_name"] == "Étienne Bélanger"
    for query in ("etienne", "oeuvre 50%", "BELANGER"):
        found = desk.call("list_members", {"q": query, "role": "learner"}, actor=admin)["items"]
        assert [item["display_name"] for item in found] == ["Étienne Bélanger"]
    page = desk.call("list_members", {"limit": 1}, actor=admin)
    rest = desk.call("list_members", {"limit": 1, "cursor": page["next_cursor"]}, actor=admin)
    assert [item["display_name"] for item in page["items"] + rest["items"]] == [
        "Étienne Bélanger",
        "Priya Raman",
    ]
