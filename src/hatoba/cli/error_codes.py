"""How bad each code is, and what it is called: https://devcenter.heroku.com/articles/error-codes."""

from __future__ import annotations

_CRITICAL, _WARNING, _INFO = "critical", "warning", "info"

ERRORS: dict[str, tuple[str, str]] = {
    "H10": (_CRITICAL, "App Crashed"),
    "H11": (_CRITICAL, "Backlog too deep"),
    "H12": (_CRITICAL, "Request Timeout"),
    "H13": (_CRITICAL, "Connection closed without response"),
    "H14": (_CRITICAL, "No web dynos running"),
    "H15": (_WARNING, "Idle connection"),
    "H17": (_WARNING, "Poorly formatted HTTP response"),
    "H18": (_CRITICAL, "Server Request Interrupted"),
    "H19": (_CRITICAL, "Backend connection timeout"),
    "H20": (_CRITICAL, "App boot timeout"),
    "H21": (_CRITICAL, "Backend connection refused"),
    "H27": (_INFO, "Client Request Interrupted"),
    "H28": (_WARNING, "Client Connection Idle"),
    "H80": (_WARNING, "Maintenance Mode"),
    "H81": (_INFO, "Blank App"),
    "H99": (_CRITICAL, "Platform Error"),
    "R10": (_CRITICAL, "Boot timeout"),
    "R12": (_WARNING, "Exit timeout"),
    "R14": (_CRITICAL, "Memory quota exceeded"),
    "R15": (_CRITICAL, "Memory quota vastly exceeded"),
}
