"""project.toml: what it may say, and what is wrong with others."""

from __future__ import annotations

import pytest

from hatoba.schema.project_toml import DescriptorError, Wanted, named, parse

PRESENT = """
[_]
schema-version = "0.2"
[io.buildpacks]
builder = "a/b:1"
include = ["*.go"]
[[io.buildpacks.group]]
id = "heroku/go"
version = "1.0.0"
[[io.buildpacks.group]]
uri = "urn:cnb:builder:heroku/procfile@2.0.0"
[[io.buildpacks.build.env]]
name = "A"
value = "1"
[[io.buildpacks.env.build]]
name = "B"
value = ""
"""
FIRST = """
[project]
id = "x"
[build]
exclude = ["*.md"]
[[build.buildpacks]]
id = "heroku/go"
[[build.env]]
name = "A"
value = "1"
"""


def test_both_forms_are_understood() -> None:
    found = parse(PRESENT)
    assert (found.builder, found.include, found.exclude) == ("a/b:1", ("*.go",), ())
    assert found.buildpacks == (Wanted("heroku/go", "1.0.0"), Wanted("heroku/procfile", "2.0.0"))
    assert found.env == {"A": "1", "B": ""}
    found = parse(FIRST)
    assert (found.builder, found.include, found.exclude) == (None, None, ("*.md",))
    assert (found.buildpacks, found.env) == ((Wanted("heroku/go"),), {"A": "1"})
    assert parse("[_]\nid = 'x'") == parse("")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = ", "is not TOML"),
        ("io = 1", "io must be a table"),
        ("[io.buildpacks]\nbuilder = 1", r"io\.buildpacks\.builder must name an image"),
        ("[io.buildpacks]\ninclude = 'x'", "include must be a list of texts"),
        ("[io.buildpacks]\ninclude = []\nexclude = []", "both include and exclude"),
        ("[io.buildpacks]\ngroup = [1]", "group must be a list of tables"),
        ("[[io.buildpacks.group]]\nversion = '1'", "by neither id nor uri"),
        ("[[io.buildpacks.group]]\nid = 1", "something else than texts"),
        ("[[io.buildpacks.group]]\nuri = 'https://x.example/y.tgz'", "from elsewhere none is"),
        ("[[build.env]]\nname = 'A/../B'\nvalue = '1'", "no name that can be one"),
        ("[[build.env]]\nname = 'A'\nvalue = 1", "variable A of the build must be a text"),
    ],
)
def test_what_can_not_be_used_is_told_in_a_line(text: str, why: str) -> None:
    with pytest.raises(DescriptorError, match=why) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


def test_buildpacks_are_named_as_the_official_commands_name_them() -> None:
    assert named("urn:buildpack:heroku/python") == Wanted("heroku/python")
    assert named("heroku/python@1.2") == Wanted("heroku/python", "1.2")
    with pytest.raises(DescriptorError):
        named("./mine")
