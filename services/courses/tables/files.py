"""Uploaded files, and what storage must lose."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Uuid

from services.courses.tables.base import metadata
from shared.db.types import UtcDateTime

uploads = Table(
    "uploads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("storage_key", String(300), nullable=False, unique=True),
    Column("filename", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("declared_type", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

# Storage knows no transactions. What is about to be written is announced here first (and the line is deleted
# when the rows that use it commit); what is no longer used is listed here in the commit that let go of it.
trash = Table(
    "trash",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", String(300), nullable=False, index=True),
    Column("due_at", UtcDateTime, nullable=False, index=True),
)
