"""What an error about a thing that isn't there says to do next."""

from __future__ import annotations

import pytest

from hatoba.cli import next_steps, registry
from hatoba.client.errors import ApiError


def refused(resource: str, message: str = "Couldn't find that thing.") -> ApiError:
    return ApiError(404, "not_found", message, resource=resource)


def test_the_app_that_was_acted_on_is_named() -> None:
    assert next_steps.after(refused("domain"), "harbour") == [
        "See which there are: heroku domains -a harbour"
    ]
    assert next_steps.after(refused("domain"), None) == []
    assert next_steps.after(refused("app"), "harbour") == ["See which there are: heroku apps"]


def test_what_was_asked_for_is_named() -> None:
    missing = refused("add_on")
    missing.asked = "rope"
    first = "You asked for rope. See which there are: heroku addons"
    assert next_steps.after(missing, None) == [first]
    assert next_steps.after(missing, "harbour") == [f"{first} -a harbour"]


def test_an_error_that_says_more_itself_is_left_alone() -> None:
    said = refused("app", "harbour has no such thing. See: heroku ps")
    assert next_steps.after(said, "harbour") == []
    assert next_steps.after(refused("blob"), "harbour") == []


@pytest.mark.parametrize(
    "name", [*next_steps.OF_APP.values(), *next_steps.OF_ACCOUNT.values()], ids=str
)
def test_each_step_is_a_command(name: str) -> None:
    assert registry.resolve(name) == name
