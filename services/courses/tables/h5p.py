"""H5P libraries and contents."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Uuid,
)

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

h5p_libraries = Table(
    "h5p_libraries",
    metadata,
    Column("machine_name", String(255), primary_key=True),
    Column("major", Integer, primary_key=True),
    Column("minor", Integer, primary_key=True),
    Column("patch", Integer, nullable=False),
    Column("title", String(255), nullable=False),
    Column("runnable", Boolean, nullable=False),
    Column("folder", String(300), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("record", Json, nullable=False),
    Column("installed_by", Uuid, nullable=False),
    Column("installed_at", UtcDateTime, nullable=False),
    Column("restricted", Boolean, nullable=False, default=False),  # only admins make new contents of it
    Column("origin", Json),  # the package it came in: {"filename", "sha256"}
)

h5p_contents = Table(
    "h5p_contents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False, index=True),
    Column("title", String(255), nullable=False),
    Column("language", String(20), nullable=False),
    Column("main_library", String(300), nullable=False),
    Column("manifest", Json, nullable=False),
    Column("prefix", String(300), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("max_score", Float),
    Column("params_hash", String(64), nullable=False, default=""),  # of content.json as it is stored, cleaned
    Column("origin_id", Uuid),  # the content that it is a new version or a copy of
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

h5p_content_libraries = Table(
    "h5p_content_libraries",
    metadata,
    Column("content_id", Uuid, ForeignKey("h5p_contents.id", ondelete="CASCADE"), primary_key=True),
    Column("machine_name", String(255), primary_key=True),
    Column("major", Integer, primary_key=True),
    Column("minor", Integer, primary_key=True),
)

# One row. Also the lock under which library folders are announced and thrown away.
h5p_policy = Table(
    "h5p_policy",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("trainers_may_install", Boolean),  # empty: as the mode says
    Column("display", Json),  # display option -> rule; what is left out is as in h5p/display.py
    CheckConstraint("id = 1", name="single"),
)
