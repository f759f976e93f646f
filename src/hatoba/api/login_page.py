"""The page on which somebody logs in: plain HTML, without scripts."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:12vh auto;padding:0 1rem;
color:#1d2733;background:#f4f7f9}
h1{font-size:1.4rem}label{display:block;margin:.8rem 0}
input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit;
border:1px solid #9fb0be;border-radius:.3rem}
button{padding:.5rem 1rem;font:inherit;border:0;border-radius:.3rem;background:#14506b;color:#fff}
button.no{background:none;color:#14506b}.wrong{color:#a4161a}
@media(prefers-color-scheme:dark){body{color:#e3eaf0;background:#14191f}
input{color:inherit;background:#1d2733}button.no{color:#8ecbe6}.wrong{color:#ff8a8a}}
"""


def form(description: str, *, email: str = "", wrong: str = "") -> HTMLResponse:
    """Return the page that asks for address, password and code."""
    problem = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    return _page(
        "Log in",
        f"""<p><strong>{escape(description)}</strong> asks for access to your account. Go on only
if you have just started it yourself.</p>{problem}
<form method="post">
<label>E-mail address <input name="email" type="email" autocomplete="username" required autofocus
value="{escape(email)}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<label>Code, if you have two-factor authentication <input name="code" inputmode="numeric"
autocomplete="one-time-code"></label>
<button name="answer" value="allow">Log in</button>
<button class="no" name="answer" value="refuse" formnovalidate>Refuse</button>
</form>""",
        status=403 if wrong else 200,
    )


def told(title: str, text: str, *, status: int = 200) -> HTMLResponse:
    """Return a page that tells how it ended."""
    return _page(title, f"<p>{escape(text)}</p>", status=status)


def _page(title: str, body: str, *, status: int) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · Hatoba</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{body}</html>",
        status,
        _HEADERS,
    )
