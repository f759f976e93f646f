"""Transfers and schedules as the data API shows them."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba.api.encode.basics import moment
from hatoba.control.place import Reach
from hatoba.model import backup as rules
from hatoba.model.backup import Kind, LogLine, State
from hatoba.model.backup_schedule import Schedule
from hatoba.schema import backups as wire

# How the official command line tells backups, restores and copies apart.
_TYPES = {
    Kind.BACKUP: ("pg_dump", "gof3r"),
    Kind.RESTORE: ("gof3r", "pg_restore"),
    Kind.COPY: ("pg_dump", "pg_restore"),
}
BLOBS = "/blobs/backups"


def transfer(one: rules.Transfer, reach: Reach, lines: Sequence[LogLine] = ()) -> wire.Transfer:
    """Return a transfer, with its log where that is asked for."""
    from_type, to_type = _TYPES[one.kind]
    finished = moment(one.finished_at) if one.finished_at else None
    return wire.Transfer(
        uuid=str(one.id),
        num=one.num,
        from_type=from_type,
        from_name=one.from_name,
        to_type=to_type,
        to_name=one.to_name,
        to_url=backup_url(one, reach) if one.kind is Kind.BACKUP else "",
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        started_at=moment(one.started_at) if one.started_at else None,
        finished_at=finished,
        canceled_at=finished if one.state is State.CANCELED else None,
        succeeded=one.state is State.SUCCEEDED if finished else None,
        processed_bytes=one.processed_bytes,
        source_bytes=one.source_bytes,
        schedule=wire.ScheduleRef(str(one.schedule_id)) if one.schedule_id else None,
        logs=[wire.Line(moment(line.created_at), "info", line.message) for line in lines],
        state=one.state.value,
        problem=one.problem,
        checksum=one.checksum,
        counts=dict(one.counts) if one.counts is not None else None,
        expires_at=moment(one.expires_at) if one.expires_at else None,
    )


def backup_url(one: rules.Transfer, reach: Reach) -> str:
    """Return a backup's address, which opens with a signature only."""
    return f"{reach.secure_url}{BLOBS}/{one.id}"


def schedule(one: Schedule) -> wire.Schedule:
    """Return a schedule."""
    return wire.Schedule(
        uuid=str(one.id),
        name=one.name,
        hour=one.hour,
        timezone=one.timezone,
        created_at=moment(one.created_at),
        next_at=moment(one.next_at),
        succeeded_at=moment(one.succeeded_at) if one.succeeded_at else None,
        problem=one.problem,
    )
