"""The papers say what is so: links lead somewhere, settings are named, commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from hatoba.api import reference
from hatoba.cli import registry
from hatoba.cli.main import joined
from hatoba.cli.registry import load
from tests.e2e.official.groups import GROUPS
from tests.e2e.official.left_out import LEFT_OUT

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Commands of the official CLI that Hatoba's own does not have, and that the pages speak of.
OFFICIAL_ONLY = {"authorizations:create", "builds:cache:purge"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_every_setting_is_named() -> None:
    told = (ROOT / "docs/reference/settings.md").read_text()
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("bin/*"), ROOT / "demo/walk.py"]
    read = {name for p in sources for name in re.findall(r"HATOBA_[A-Z_]+\b", p.read_text())}
    internal = {"HATOBA_HOOK_SOCKET", "HATOBA_PUSH"}
    assert {name for name in read - internal if f"`{name}`" not in told} == set()


def test_every_code_of_a_log_line_is_explained() -> None:
    told = (ROOT / "docs/reference/log-format.md").read_text()
    sources = (p.read_text() for p in (ROOT / "src/hatoba").rglob("*.py"))
    used = {code for text in sources for code in re.findall(r"[\" ]([HRL]\d\d)[\" ]", text)}
    assert len(used) > 20
    assert {code for code in used if f"| {code} |" not in told} == set()


@pytest.mark.parametrize("name", ["http-api.md", "errors.md"])
def test_generated_pages_are_fresh(name: str) -> None:
    page = ROOT / "docs/reference" / name
    assert page.read_text() == reference.pages()[name], (
        "run python -m hatoba.api.reference docs/reference"
    )


def shown_commands(page: Path) -> list[str]:
    """Return what a page has somebody type: lines of its shell blocks, and inline code."""
    text = page.read_text()
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    typed = [line.strip() for block in blocks for line in block.splitlines()]
    typed += re.findall(
        r"`((?:heroku|hatoba) [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    )
    return [line for line in typed if re.match(r"(\w+=\S+ )*(heroku|hatoba) ", line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist_with_these_options(page: Path) -> None:
    for line in shown_commands(page):
        words = shlex.split(line, comments=True)
        while "=" in words[0]:
            words.pop(0)
        words[1:] = joined(words[0], words[1:])
        name = words[1]
        if name in OFFICIAL_ONLY or name == "help":
            continue
        known = registry.resolve(name)
        assert known, line
        command = load(known)
        options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
        own = words[2 : words.index("--")] if "--" in words else words[2:]
        for word in own:
            if re.match(r"--?[a-z]", word):
                assert word.partition("=")[0] in options | {"--help"}, line


def test_the_readme_has_the_numbers_of_the_platform_api_and_the_official_cli() -> None:
    readme = (ROOT / "README.md").read_text()
    page = (ROOT / "docs/reference/conformance.md").read_text()
    served = re.search(r"\*\*(\d+ of \d+) served", page)
    assert served
    assert f"**{served[1]}** links" in readme
    data = (ROOT / "docs/reference/data-conformance.md").read_text()
    of_data = re.search(r"\*\*(\d+ of \d+) of the data API served", data)
    assert of_data
    assert f"[{of_data[1]} calls](docs/reference/data-conformance.md)" in readme
    meant = {line.command for lines in GROUPS.values() for line in lines}
    typed = f"**{len(meant)} of the {len(meant) + len(LEFT_OUT)}** commands of the official CLI"
    assert typed in readme
