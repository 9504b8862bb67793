"""Instruments: elements, versions, groups; answers by element code."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EMPTY, EMPTY_LIST = sa.text("'{}'"), sa.text("'[]'")
ANONYMITY = op.f("ck_surveys_anonymity")
METHOD = op.f("ck_surveys_method")
CUT_RULE = op.f("ck_surveys_cut_rule")
KEPT_WITH = op.f("fk_responses_survey_id_anonymity_surveys")
OLD_ACCOUNT, NEW_ACCOUNT = (
    op.f("ck_responses_anonymous_has_no_account"),
    op.f("ck_responses_account_only_in_named"),
)

surveys = sa.table(
    "surveys",
    sa.column("id", sa.Uuid),
    sa.column("title", Json),
    sa.column("intro", Json),
    sa.column("elements", Json),
    sa.column("groups", Json),
    sa.column("created_by", sa.Uuid),
    sa.column("launched_at", UtcDateTime),
    sa.column("anonymity", sa.String),
    sa.column("method", sa.String),
)
items = sa.table(
    "survey_items",
    sa.column("id", sa.Uuid),
    sa.column("survey_id", sa.Uuid),
    sa.column("position", sa.Integer),
    sa.column("code", sa.String),
    sa.column("statement", Json),
)
responses = sa.table("responses", sa.column("anonymity", sa.String))
Names = dict[tuple[Any, str], str]
drafts = sa.table(
    "drafts", sa.column("survey_id", sa.Uuid), sa.column("account_id", sa.Uuid), sa.column("answers", Json)
)
versions = sa.table(
    "instrument_versions",
    sa.column("survey_id", sa.Uuid),
    sa.column("number", sa.Integer),
    sa.column("title", Json),
    sa.column("intro", Json),
    sa.column("elements", Json),
    sa.column("mapping", Json),
    sa.column("note", Json),
    sa.column("made_by", sa.Uuid),
    sa.column("made_at", UtcDateTime),
)


def upgrade() -> None:
    """Every item becomes an element; launched surveys get their first version; drafts are keyed by code."""
    _versions()
    with op.batch_alter_table("surveys") as batch:
        batch.add_column(sa.Column("elements", Json, nullable=False, server_default=EMPTY_LIST))
        batch.add_column(sa.Column("groups", Json, nullable=False, server_default=EMPTY_LIST))
        batch.add_column(sa.Column("instrument_version", sa.Integer, nullable=False, server_default="1"))
        batch.add_column(sa.Column("cut_rule", sa.String(12)))
    with op.batch_alter_table("responses") as batch:
        batch.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        batch.add_column(sa.Column("given", Json, nullable=False, server_default=EMPTY))
        batch.add_column(sa.Column("groups", Json, nullable=False, server_default=EMPTY))
    _fill()
    _tighten()


def _versions() -> None:
    op.create_table(
        "instrument_versions",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("intro", Json, nullable=False),
        sa.Column("elements", Json, nullable=False),
        sa.Column("mapping", Json, nullable=False),
        sa.Column("note", Json, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_instrument_versions_survey_id_surveys")
        ),
        sa.PrimaryKeyConstraint("survey_id", "number", name=op.f("pk_instrument_versions")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_instrument_versions_number")),
    )


def _fill() -> None:
    bind = op.get_bind()
    codes: Names = {}
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in bind.execute(sa.select(items).order_by(items.c.survey_id, items.c.position)).mappings():
        codes[row["survey_id"], str(row["id"])] = row["code"]
        element = {"code": row["code"], "kind": "pair", "text": row["statement"], "required": True}
        found.setdefault(row["survey_id"], []).append(element)
    for survey_id, elements in found.items():
        bind.execute(sa.update(surveys).where(surveys.c.id == survey_id).values(elements=elements))
    _first_versions(bind)
    _rekey(bind, codes)


def _first_versions(bind: sa.Connection) -> None:
    launched = sa.select(surveys).where(surveys.c.launched_at.is_not(None))
    for row in bind.execute(launched).mappings().all():
        values = {name: row[name] for name in ("title", "intro", "elements")} | {
            "survey_id": row["id"], "number": 1, "mapping": {}, "note": {"fr": "", "en": ""},
            "made_by": row["created_by"], "made_at": row["launched_at"],
        }  # fmt: skip
        bind.execute(sa.insert(versions).values(values))


def _rekey(bind: sa.Connection, names: Names) -> None:
    """Answers of drafts by other names; what has none is left out."""
    for row in bind.execute(sa.select(drafts)).mappings().all():
        survey = row["survey_id"]
        answers = {
            names[survey, key]: answer for key, answer in row["answers"].items() if (survey, key) in names
        }
        mine = (drafts.c.survey_id == survey) & (drafts.c.account_id == row["account_id"])
        bind.execute(sa.update(drafts).where(mine).values(answers=answers))


def _tighten() -> None:
    with op.batch_alter_table("surveys") as batch:
        batch.alter_column("anonymity", existing_type=sa.String(10), type_=sa.String(12))
        batch.drop_constraint(ANONYMITY, type_="check")
        batch.drop_constraint(METHOD, type_="check")
        batch.create_check_constraint(ANONYMITY, "anonymity IN ('named', 'confidential', 'anonymous')")
        batch.create_check_constraint(METHOD, "method IN ('mwds', 'rds', 'pni', 'gap', 'maxdiff')")
        batch.create_check_constraint(CUT_RULE, "cut_rule IN ('grand-mean', 'median', 'midpoint')")
        batch.create_check_constraint(op.f("ck_surveys_instrument_version"), "instrument_version >= 1")
    with op.batch_alter_table("responses") as batch:
        batch.alter_column("anonymity", existing_type=sa.String(10), type_=sa.String(12))
        batch.drop_constraint(OLD_ACCOUNT, type_="check")
        batch.create_check_constraint(NEW_ACCOUNT, "account_id IS NULL OR anonymity = 'named'")
    with op.batch_alter_table("survey_items") as batch:
        # An item that is no longer asked has no place among those that are.
        batch.alter_column("position", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """Items and their answers stay; what no item holds is lost. A confidential survey becomes an anonymous one."""
    with op.batch_alter_table("responses") as batch:
        batch.drop_constraint(KEPT_WITH, type_="foreignkey")
    _back(op.get_bind())
    with op.batch_alter_table("survey_items") as batch:
        batch.alter_column("position", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("responses") as batch:
        batch.drop_constraint(NEW_ACCOUNT, type_="check")
        batch.create_check_constraint(OLD_ACCOUNT, "(anonymity = 'anonymous') = (account_id IS NULL)")
        batch.alter_column("anonymity", existing_type=sa.String(12), type_=sa.String(10))
        for name in ("version", "given", "groups"):
            batch.drop_column(name)
    with op.batch_alter_table("surveys") as batch:
        for name in (ANONYMITY, METHOD, CUT_RULE, op.f("ck_surveys_instrument_version")):
            batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(ANONYMITY, "anonymity IN ('named', 'anonymous')")
        batch.create_check_constraint(METHOD, "method IN ('mwds', 'rds', 'pni', 'gap')")
        batch.alter_column("anonymity", existing_type=sa.String(12), type_=sa.String(10))
        for name in ("elements", "groups", "instrument_version", "cut_rule"):
            batch.drop_column(name)
    with op.batch_alter_table("responses") as batch:
        batch.create_foreign_key(KEPT_WITH, "surveys", ["survey_id", "anonymity"], ["id", "anonymity"])
    op.drop_table("instrument_versions")


def _back(bind: sa.Connection) -> None:
    """What the older tables cannot hold: other kinds of survey, and items that are no longer asked."""
    names: Names = {}
    last: dict[Any, int] = {}
    for row in (
        bind.execute(sa.select(items).order_by(items.c.position.is_(None), items.c.position)).mappings().all()
    ):
        names[row["survey_id"], row["code"]] = str(row["id"])
        place = last[row["survey_id"]] = max(last.get(row["survey_id"], 0) + 1, row["position"] or 0)
        if row["position"] is None:
            bind.execute(sa.update(items).where(items.c.id == row["id"]).values(position=place))
    _rekey(bind, names)
    bind.execute(sa.update(surveys).where(surveys.c.method == "maxdiff").values(method="gap"))
    for table in (surveys, responses):
        confidential = table.c.anonymity == "confidential"
        bind.execute(sa.update(table).where(confidential).values(anonymity="anonymous"))
