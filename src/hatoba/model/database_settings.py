"""What can be set on a database's server: names, values, and the server's own parameters.

Names and meanings are those of https://devcenter.heroku.com/articles/heroku-postgres-settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | bool | int
_MAX_MILLISECONDS = 2_147_483_647


@dataclass(frozen=True)
class Setting:
    """One setting; ``values`` are those it can have, with their meaning, none for any number."""

    name: str
    default: Value
    desc: str
    values: Mapping[str, str] = field(default_factory=dict)

    def problem(self, value: object) -> str | None:
        """Return why it can't have that value, None when it can."""
        if isinstance(self.default, bool):
            fits, wanted = isinstance(value, bool), "true or false"
        elif isinstance(self.default, int):
            fits, wanted = _milliseconds(value), "a whole number of milliseconds, -1 for never"
        else:
            fits, wanted = value in self.values, f"one of {', '.join(self.values)}"
        return None if fits else f"{self.name} must be {wanted}."


def _milliseconds(value: object) -> bool:
    return type(value) is int and -1 <= value <= _MAX_MILLISECONDS


_SWITCH = {"true": "on", "false": "off"}
_LEVELS = {
    level: f"Statements that end with {level} or worse are logged"
    for level in (
        "debug5 debug4 debug3 debug2 debug1 info notice warning error log fatal panic".split()
    )
}
_EXPLAIN = "auto_explain"
_ALL = (
    Setting(
        "log_lock_waits", default=True, desc="Log waits for a lock of over a second", values=_SWITCH
    ),
    Setting("log_connections", default=True, desc="Log each login", values=_SWITCH),
    Setting(
        "log_statement",
        "ddl",
        "Which statements are logged",
        {
            "none": "No statements are logged",
            "ddl": "All data definition statements, such as CREATE, ALTER and DROP, are logged",
            "mod": "All of ddl, and all that change data, such as INSERT and UPDATE, are logged",
            "all": "All statements are logged",
        },
    ),
    Setting("log_min_duration_statement", 2000, "Log statements that took so many milliseconds"),
    Setting("log_min_error_statement", "error", "Log statements that end so badly", _LEVELS),
    Setting(
        "track_functions",
        "none",
        "Which functions' calls are counted",
        {
            "none": "No function calls are tracked",
            "pl": "Calls of functions in procedural languages are tracked",
            "all": "Calls of all functions, C and SQL ones too, are tracked",
        },
    ),
    Setting(
        "data_connector_details_logs",
        default=False,
        desc="Log details of replication slots; there are no data connectors here",
        values=_SWITCH,
    ),
    Setting(_EXPLAIN, default=False, desc="Log the plans of slow queries", values=_SWITCH),
    Setting(f"{_EXPLAIN}.log_min_duration", 1000, "Log plans of queries that take so many ms"),
    Setting(f"{_EXPLAIN}.log_analyze", default=False, desc="Log EXPLAIN ANALYZE", values=_SWITCH),
    Setting(f"{_EXPLAIN}.log_triggers", default=False, desc="Log triggers", values=_SWITCH),
    Setting(f"{_EXPLAIN}.log_buffers", default=False, desc="Log buffers", values=_SWITCH),
    Setting(f"{_EXPLAIN}.log_verbose", default=False, desc="Log verbose plans", values=_SWITCH),
    Setting(
        f"{_EXPLAIN}.log_nested_statements",
        default=False,
        desc="Log the plans of statements inside functions",
        values=_SWITCH,
    ),
    Setting(
        f"{_EXPLAIN}.log_format",
        "text",
        "The form of logged plans",
        {form: form for form in ("text", "json", "yaml", "xml")},
    ),
)
SETTINGS: Mapping[str, Setting] = {one.name: one for one in _ALL}
"""All settings by name."""


def in_force(chosen: Mapping[str, Value]) -> dict[str, Value]:
    """Return every setting's value: the chosen one, otherwise the default."""
    return {name: chosen.get(name, one.default) for name, one in SETTINGS.items()}


def parameters(chosen: Mapping[str, Value]) -> dict[str, str]:
    """Return the server's parameters for these choices, by the server's own names."""
    values = in_force(chosen)
    values.pop("data_connector_details_logs")
    library = _EXPLAIN if values.pop(_EXPLAIN) else ""
    return {"session_preload_libraries": library, **{n: text(v) for n, v in values.items()}}


def text(value: Value) -> str:
    """Return a value as the server writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
