"""Alembic migrations, run at the start of the daemon."""
