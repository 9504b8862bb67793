from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select

from services.surveys import tables
from services.surveys.service import SurveysService
from services.surveys.tables import metadata
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade

FOLDER = SurveysService.folder / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return make_engine(f"sqlite:///{tmp_path / 'surveys.sqlite'}")
    return make_engine(request.getfixturevalue("surveys_database"))


@pytest.mark.postgres
def test_migrations_go_up_to_the_tables_and_down_to_nothing(engine: Engine) -> None:
    upgrade(engine, FOLDER)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        found = inspect(connection)
        for table in metadata.sorted_tables:
            checks = {str(check["name"]) for check in found.get_check_constraints(table.name)}
            declared = {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
            assert (table.name, checks) == (table.name, declared)
    downgrade(engine, FOLDER)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(engine, FOLDER)
    engine.dispose()


SURVEY, OTHER, ITEM, RESPONSE, PERSON = (f"0000000000004000800000000000000{n}" for n in range(5))
OLD_ROWS = (
    (
        "INSERT INTO surveys (id, template_id, method, title, intro, anonymity, audience, seed, created_by, created_at,"
        " opens_at, closes_at, launched_at, version) VALUES ('{SURVEY}', 'borich', 'mwds', '{{}}', '{{}}', 'named', 0, 1,"
        " '{PERSON}', '2026-01-01', '2026-01-01', '2026-02-01', '2026-01-01', 2)"
    ),
    "INSERT INTO survey_items VALUES ('{ITEM}', '{SURVEY}', 1, 'a.b', '{{\"fr\": \"un\", \"en\": \"one\"}}')",
    "INSERT INTO responses VALUES ('{RESPONSE}', '{SURVEY}', 'named', '{PERSON}', 'fr')",
    "INSERT INTO answers VALUES ('{RESPONSE}', '{ITEM}', 5, 2)",
    (
        "INSERT INTO drafts VALUES ('{SURVEY}', '{PERSON}', '{{\"00000000-0000-4000-8000-000000000002\": "
        "{{\"ability\": 3}}}}', 'fr', '2026-01-02')"
    ),
)


@pytest.mark.postgres
def test_items_become_elements_and_lose_no_row(engine: Engine) -> None:
    upgrade(engine, FOLDER, "0001")
    with engine.begin() as connection:
        for row in OLD_ROWS:
            connection.exec_driver_sql(row.format(SURVEY=SURVEY, ITEM=ITEM, RESPONSE=RESPONSE, PERSON=PERSON))
    upgrade(engine, FOLDER)
    with engine.connect() as connection:
        element = {"code": "a.b", "kind": "pair", "text": {"fr": "un", "en": "one"}, "required": True}
        survey = connection.execute(select(tables.surveys)).mappings().one()
        assert (survey["elements"], survey["groups"], survey["instrument_version"]) == ([element], [], 1)
        version = connection.execute(select(tables.instrument_versions)).mappings().one()
        assert (version["number"], version["elements"], version["mapping"]) == (1, [element], {})
        draft = connection.execute(select(tables.drafts)).mappings().one()
        assert draft["answers"] == {"a.b": {"ability": 3}}
        response = connection.execute(select(tables.responses)).mappings().one()
        assert (response["version"], response["given"], response["groups"]) == (1, {}, {})
        assert connection.execute(select(tables.answers.c.importance)).scalars().all() == [5]
    downgrade(engine, FOLDER, "0001")
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT answers FROM drafts").scalar_one()
        assert "00000000-0000-4000-8000-000000000002" in str(kept)
        assert connection.exec_driver_sql("SELECT count(*) FROM answers").scalar_one() == 1
    engine.dispose()
