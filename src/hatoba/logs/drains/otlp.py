"""Stored lines as OTLP in JSON: log records, spans of requests, measured usage. Pure.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

Json = dict[str, Any]
# The numbers of the log data model: INFO, WARN.
_INFO, _ERROR = 9, 17
_SERVER = 2
_FAILED = 2
_PAIR = re.compile(r'([\w#]+)=("[^"]*(?:\\"[^"]*)*"|\S*)')
_SPANS = UUID("5b0d1a58-6f0e-4c53-9c2e-0b8b7a3f3f11")
_SAMPLE = "sample#"
_UNITS = {"MB": (1024 * 1024, "By")}


@dataclass(frozen=True)
class Line:
    """A stored line, taken apart: ``TIME SOURCE[DYNO]: TEXT``."""

    at: datetime
    source: str
    dyno: str
    text: str

    @property
    def values(self) -> dict[str, str]:
        """The pairs of name and value that the text has."""
        return {name: value.strip('"') for name, value in _PAIR.findall(self.text)}


def read(raw: bytes) -> Line:
    """Take a stored line apart."""
    head, _, text = raw.decode("utf-8", "replace").partition(": ")
    at, _, origin = head.partition(" ")
    source, _, dyno = origin.rstrip("]").partition("[")
    return Line(datetime.fromisoformat(at), source, dyno, text)


def logs(lines: Iterable[Line], resource: Json) -> Json:
    """Return a request to ``/v1/logs``."""
    records = [
        {
            "timeUnixNano": _nanos(line.at),
            "severityNumber": _ERROR if line.text.startswith("Error ") else _INFO,
            "severityText": "ERROR" if line.text.startswith("Error ") else "INFO",
            "body": {"stringValue": line.text},
            "attributes": attributes({"heroku.source": line.source, "heroku.dyno": line.dyno}),
        }
        for line in lines
    ]
    return _scoped("resourceLogs", "scopeLogs", "logRecords", records, resource)


def traces(lines: Iterable[Line], resource: Json) -> Json | None:
    """Return a request to ``/v1/traces``: a span for each request; None where there is none."""
    spans = [_span(line) for line in lines if _is_request(line)]
    return _scoped("resourceSpans", "scopeSpans", "spans", spans, resource) if spans else None


def _is_request(line: Line) -> bool:
    return (line.source, line.dyno) == ("heroku", "router") and "request_id" in line.values


def _span(line: Line) -> Json:
    values = line.values
    millis = int(values.get("service", "").removesuffix("ms") or 0)
    status = int(values.get("status") or 0)
    trace = _uuid(values["request_id"])
    return {
        "traceId": trace.hex,
        "spanId": uuid5(_SPANS, line.text).hex[:16],
        "name": values.get("method", "HTTP"),
        "kind": _SERVER,
        "startTimeUnixNano": _nanos(line.at - timedelta(milliseconds=millis)),
        "endTimeUnixNano": _nanos(line.at),
        "status": {"code": _FAILED} if status >= 500 else {},
        "attributes": attributes(
            {
                "http.request.method": values.get("method", ""),
                "http.response.status_code": status,
                "url.path": values.get("path", "").partition("?")[0],
                "server.address": values.get("host", ""),
                "heroku.dyno": values.get("dyno", ""),
                "heroku.code": values.get("code", ""),
            }
        ),
    }


def _uuid(request_id: str) -> UUID:
    """Return the trace of a request: its id where it is a UUID, else what stands for it."""
    try:
        return UUID(request_id)
    except ValueError:
        return uuid5(_SPANS, request_id)


def metrics(lines: Iterable[Line], resource: Json) -> Json | None:
    """Return a request to ``/v1/metrics``: usage of dynos, and times of requests.

    None where the lines tell of neither.
    """
    points: dict[tuple[str, str], list[Json]] = {}
    for line in lines:
        for name, value, unit in _measured(line):
            dyno = line.values.get("dyno", "") if _is_request(line) else line.dyno
            point = {
                "timeUnixNano": _nanos(line.at),
                "asDouble": value,
                "attributes": attributes({"heroku.dyno": dyno}),
            }
            points.setdefault((name, unit), []).append(point)
    made = [
        {"name": name, "unit": unit, "gauge": {"dataPoints": found}}
        for (name, unit), found in points.items()
    ]
    return _scoped("resourceMetrics", "scopeMetrics", "metrics", made, resource) if made else None


def _measured(line: Line) -> Iterable[tuple[str, float, str]]:
    if _is_request(line):
        service = line.values.get("service", "").removesuffix("ms")
        if service:
            yield "heroku.router.service", float(service), "ms"
        return
    if line.source != "heroku" or _SAMPLE not in line.text:
        return
    for name, text in line.values.items():
        match = re.fullmatch(r"([\d.]+)([A-Za-z]*)", text)
        if name.startswith(_SAMPLE) and match:
            factor, unit = _UNITS.get(match[2], (1, "1"))
            yield f"heroku.dyno.{name.removeprefix(_SAMPLE)}", float(match[1]) * factor, unit


def attributes(values: Mapping[str, str | int]) -> list[Json]:
    """Return attributes as OTLP has them; empty ones are left out."""
    return [
        {"key": key, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
        for key, v in values.items()
        if v != ""
    ]


def _scoped(outer: str, inner: str, name: str, found: list[Json], resource: Json) -> Json:
    scope = {"scope": {"name": "hatoba"}, name: found}
    return {outer: [{"resource": resource, inner: [scope]}]}


def _nanos(at: datetime) -> str:
    return str(int(at.timestamp() * 1_000_000) * 1000)
