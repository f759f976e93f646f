from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.cli.heroku_yml import read, steps
from hatoba.client.api import Api
from hatoba.client.origin import Origin
from hatoba.client.target import Target as Platform
from hatoba.errors import UsageError
from hatoba.schema.heroku_yml import (
    AddonWish,
    Command,
    ManifestError,
    Target,
    of_dockerfile,
    parse,
)

FULL = """
setup:
  addons:
    - plan: heroku-postgresql
      as: DATABASE
    - plan: heroku-redis:mini
  config:
    S3_BUCKET: my-bucket
    WORKERS: 2
build:
  docker:
    web: Dockerfile
    worker: ./worker/Dockerfile
    api:
      dockerfile: api/Dockerfile
      target: production
  config:
    RAILS_ENV: development
    FLAG: true
release:
  image: worker
  command:
    - ./migrate.sh
    - ./seed.sh
run:
  web: bundle exec puma -C config/puma.rb
  syncer:
    command: [python syncer.py]
    image: worker
"""


def test_everything_that_a_manifest_says() -> None:
    found = parse(FULL)
    assert found.targets == {
        "web": Target("Dockerfile"),
        "worker": Target("worker/Dockerfile"),
        "api": Target("api/Dockerfile", "production"),
    }
    assert found.targets["api"].shown == "api/Dockerfile, stage production"
    assert found.arguments == {"RAILS_ENV": "development", "FLAG": "true"}
    assert found.commands == {
        "web": Command("bundle exec puma -C config/puma.rb", "web"),
        "syncer": Command("python syncer.py", "worker"),
        "release": Command("./migrate.sh && ./seed.sh", "worker"),
    }
    assert found.addons == (
        AddonWish("heroku-postgresql", "DATABASE"),
        AddonWish("heroku-redis:mini"),
    )
    assert found.config == {"S3_BUCKET": "my-bucket", "WORKERS": "2"}


def test_the_least_is_one_dockerfile() -> None:
    assert parse("build: {docker: {web: Dockerfile}}") == of_dockerfile()


WEB = "build: {docker: {web: Dockerfile}}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "build.docker must name a Dockerfile, as in 'web: Dockerfile'."),
        ("build: [", "is not YAML: line 1: "),
        ("build: {docker: {web: Dockerfile}}\n\tx", "is not YAML: line 2: "),
        ("- a", "the whole must be a mapping."),
        ("1: 2", "the whole must be a mapping."),
        ("builds: {}", "builds is none of setup, build, run, release."),
        ("build: {docker: {web: 1}}", "build.docker.web must be a mapping."),
        ("build: {docker: {web: ../Dockerfile}}", "build.docker.web must be a file of the"),
        ("build: {docker: {web: {file: x}}}", "build.docker.web.file is none of dockerfile, targ"),
        ("build: {docker: {web: {target: 1}}}", "build.docker.web.target must be a text."),
        ("build: {docker: {'we b': x}}", "build.docker.we b may only have letters"),
        (WEB.replace("}}", "}, config: {A-B: x}}"), "build.config.A-B is no name of a variable"),
        (WEB.replace("}}", "}, config: {A: [x]}}"), "build.config.A must be a text or a number"),
        (WEB + "run: {worker: x}", "run.worker needs the image of worker, which build.docker does"),
        (WEB + "run: {x: {command: y, image: z}}", "run.x needs the image of z, which build.dock"),
        (WEB + "run: {web: []}", "run.web must be a text."),
        (WEB + "run: {web: {image: web}}", "run.web.command must be a text."),
        (WEB + "run: {release: x}", "run.release belongs into the section release"),
        (WEB + "release: {image: web}", "release.command must be a text."),
        (WEB + "release: {image: [web], command: x}", "release needs the image of ['web']"),
        (WEB + "setup: {addons: {plan: x}}", "setup.addons must be a list."),
        (WEB + "setup: {addons: [{as: X}]}", "setup.addons[0].plan must be a text."),
        (WEB + "setup: {addons: [{plan: x, as: 1}]}", "setup.addons[0].as must be a text."),
    ],
)
def test_what_can_not_be_used_is_told_in_one_line(text: str, why: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse(text)
    assert why in str(caught.value)
    assert str(caught.value).startswith("heroku.yml")
    assert "\n" not in str(caught.value)


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_whatever_is_there_instead_is_told(value: object) -> None:
    with pytest.raises(ManifestError):
        parse(str(value))


def test_images_that_are_no_names_are_told() -> None:
    with pytest.raises(ManifestError, match="needs the image of"):
        parse(WEB + "run: {web: {command: x, image: {a: b}}}")


def test_an_app_is_set_up_by_operations(tmp_path: Path) -> None:
    (tmp_path / "heroku.yml").write_text(FULL)
    operations = list(
        steps(Api(Platform(Origin("http", "localhost", 1), None, None)), "harbour", read(tmp_path))
    )
    assert [one.name for one in operations] == ["addons:create", "addons:create", "config:set"]


def test_without_a_manifest_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"heroku\.yml can't be read"):
        read(tmp_path)
    (tmp_path / "heroku.yml").write_text("build: 1")
    with pytest.raises(UsageError, match="build must be a mapping"):
        read(tmp_path)
