"""A saved state for each lineage of contents: the contents of two languages keep a place each."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEYS = ("attempt_id", "data_type", "sub_content_id")
ANY_LINEAGE = UUID(int=0)


def upgrade() -> None:
    """The lineage becomes a part of the key."""
    states = sa.table("states", sa.column("lineage", sa.Uuid))
    op.execute(sa.update(states).where(states.c.lineage.is_(None)).values(lineage=ANY_LINEAGE))
    _key((*KEYS, "lineage"), nullable=False)


def downgrade() -> None:
    """The newest state of each key stays."""
    states = sa.table(
        "states", *(sa.column(name) for name in (*KEYS, "sequence")), sa.column("lineage", sa.Uuid)
    )
    other = states.alias()
    same = sa.and_(*(other.c[name] == states.c[name] for name in KEYS))
    later = sa.or_(
        other.c.sequence > states.c.sequence,
        (other.c.sequence == states.c.sequence) & (other.c.lineage > states.c.lineage),
    )
    op.execute(sa.delete(states).where(sa.exists().where(same, later)))
    _key(KEYS, nullable=True)
    op.execute(sa.update(states).where(states.c.lineage == ANY_LINEAGE).values(lineage=None))


def _key(columns: tuple[str, ...], *, nullable: bool) -> None:
    with op.batch_alter_table("states") as batch:
        batch.drop_constraint(op.f("pk_states"), type_="primary")
        batch.alter_column("lineage", existing_type=sa.Uuid(), nullable=nullable)
        batch.create_primary_key(op.f("pk_states"), list(columns))
