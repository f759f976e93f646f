"""Drives a platform with heroku3, as a program of its own: it leaves its sockets open."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import heroku3
import heroku3.api
from heroku3.rendezvous import Rendezvous


def wait_for(look: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    end = monotonic() + 60
    while not look():
        assert monotonic() < end


def trust_the_platform() -> None:
    """Have attached runs trust the platform's authority too, as the how-to says."""
    begin = Rendezvous.__init__

    def trusting(self: Rendezvous, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        self.cert = os.environ["NODE_EXTRA_CA_CERTS"]

    Rendezvous.__init__ = trusting


def change_config(app: Any) -> None:
    config = app.config()
    config["COLOUR"] = "blue"
    config.update({"A": "1", "B": "2"})
    del config["B"]
    assert app.config().to_dict() == {"COLOUR": "blue", "A": "1"}
    last = app.releases(order_by="version", limit=2, sort="desc")
    assert last[0].description == "Remove B config vars"
    assert app.rollback(f"v{last[0].version}").description.startswith("Rollback to")


def run_dynos(app: Any) -> None:
    assert app.scale_formation_process("web", 2).quantity == 2
    wait_for(lambda: len([d for d in app.dynos() if d.state == "up"]) == 2)
    app.process_formation()["web"].scale(1)
    wait_for(lambda: len(app.dynos()) == 1)
    output, _ = app.run_command("echo $COLOUR anchor", printout=False)
    assert output.strip() == "blue anchor", output
    dyno = app.run_command_detached("echo $COLOUR sail")
    wait_for(lambda: f"app[{dyno.name}]: blue sail" in app.get_log(lines=100))


def add_and_remove(app: Any) -> None:
    made = app.install_addon(plan_id_or_name="heroku-postgresql:essential-0", config={})
    assert [one.name for one in app.addons()] == [made.name]
    assert made.delete()
    app.add_domain("www.three.example", None)
    assert "www.three.example" in [one.hostname for one in app.domains()]
    assert app.remove_domain("www.three.example")


def main(name: str) -> None:
    heroku3.api.HEROKU_URL = os.environ["HEROKU_HOST"]
    trust_the_platform()
    client = heroku3.from_key(os.environ["HEROKU_API_KEY"])
    assert client.is_authenticated
    assert name in [one.name for one in client.apps(order_by="name")]
    app = client.app(name)
    change_config(app)
    run_dynos(app)
    add_and_remove(app)
    assert client.create_app(name="made-by-three", stack_id_or_name="heroku-24").delete()
    print("all as it should be")  # noqa: T201 it is what the test looks for


if __name__ == "__main__":
    main(sys.argv[1])
