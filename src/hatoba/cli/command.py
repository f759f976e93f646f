"""How a command is declared: its options, its examples, and what every command has."""

from __future__ import annotations

from collections.abc import Callable

import click

from hatoba.cli.session import Session

Body = Callable[..., int | None]


class Command(click.Command):
    """A command with examples at the end of its help."""

    examples: tuple[str, ...] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_text("\n\n".join(f"$ {line}" for line in self.examples))


class PassThrough(Command):
    """A command whose arguments are a command of somebody else's: ``run ls -la -a APP``.

    Own options are taken out wherever they stand, up to ``--``; every other word is left
    alone, also when it begins with a dash.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the own options first and the foreign words behind ``--``."""
        own, words = self._split(args)
        return super().parse_args(ctx, [*own, "--", *words])

    def _split(self, args: list[str]) -> tuple[list[str], list[str]]:
        takes_value = self._spellings()
        own: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for arg in rest:
            name = arg.partition("=")[0] if arg.startswith("--") else arg
            if arg == "--":
                words += rest
            elif name not in takes_value:
                words.append(arg)
            elif takes_value[name] and name == arg:
                own += [arg, *([value] if (value := next(rest, None)) is not None else [])]
            else:
                own.append(arg)
        return own, words

    def _spellings(self) -> dict[str, bool]:
        options = [p for p in self.params if isinstance(p, click.Option)]
        known = {name: not option.is_flag for option in options for name in option.opts}
        return {**known, "--help": False, "-h": False}


def command(
    name: str,
    *examples: str,
    app: bool = True,
    any_app: bool = False,
    words: bool = False,
    named: bool = False,
) -> Callable[[Body], Command]:
    """Declare a command. Its function gets the session, the app's name and its own options.

    ``app`` says whether it acts on an app, ``any_app`` that it does without one, and gets None
    for its name then, and ``named`` that the app's name may also stand alone; ``words`` that its
    arguments are passed through.
    The function returns its exit code, None for 0.
    """

    def wrap(body: Body) -> Command:
        made = _class(words)(
            name,
            callback=_callback(body, app=app, needed=not any_app),
            params=[
                *((_NAMED,) if named else ()),
                *_own_params(body),
                *(_APP if app else ()),
                _json(words=words),
            ],
            help=body.__doc__,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        made.examples = examples
        return made

    return wrap


def _class(words: bool) -> type[Command]:
    return PassThrough if words else Command


def _own_params(body: Body) -> list[click.Parameter]:
    declared: list[click.Parameter] = getattr(body, "__click_params__", [])
    return list(reversed(declared))


def _callback(body: Body, *, app: bool, needed: bool) -> Callable[..., None]:
    def call(
        *,
        as_json: bool,
        named_: str | None = None,
        app_: str | None = None,
        remote_: str | None = None,
        **options: object,
    ) -> None:
        context = click.get_current_context()
        session = context.ensure_object(Session)
        session.json = as_json
        acting_on: tuple[str | None, ...] = ()
        if app and needed:
            acting_on = (session.app(named_ or app_, remote_),)
        elif app:
            # What is asked of all apps acts on none, so none is told of.
            every = options.get("every")
            acting_on = (None if every else session.app_if_any(named_ or app_, remote_),)
        context.exit(body(session, *acting_on, **_with_consent(options)) or 0)

    return call


def _with_consent(options: dict[str, object]) -> dict[str, object]:
    """Put the options that confirm a change together, for commands that change something."""
    given = {name: options.pop(name) for name in ("yes", "plan", "confirm") if name in options}
    if not given:
        return options
    from hatoba.operations.consent import Consent

    return {**options, "given": Consent(**given)}  # type: ignore[arg-type]


def _app_names(context: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Offer the names of the apps, to a shell that completes a word."""
    from hatoba.cli import completion

    del param
    return completion.apps(context, begun)


_NAMED = click.Argument(["named_"], metavar="[APP]", required=False, shell_complete=_app_names)

_APP = (
    click.Option(
        ["-a", "--app", "app_"], metavar="APP", help="App to act on.", shell_complete=_app_names
    ),
    click.Option(
        ["-r", "--remote", "remote_"], metavar="REMOTE", help="Git remote of the app to act on."
    ),
)


def _json(*, words: bool) -> click.Option:
    """Return the option for data; in short only where it can't be a word of the command's own."""
    names = ["--json", "as_json"] if words else ["-j", "--json", "as_json"]
    return click.Option(names, is_flag=True, help="Print data as JSON.")


def consent(body: Body) -> Body:
    """Add the options that confirm a change without a terminal; the function gets ``given``."""
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Go ahead without asking."),
        click.option("--plan", metavar="ID", help="Apply exactly the plan that was printed."),
    ):
        body = option(body)
    return body


def confirm(body: Body) -> Body:
    """Add the option that confirms a destructive change; the function gets ``given``."""
    option = click.option("--confirm", "-c", metavar="NAME", help="Name of the app, to confirm.")
    return option(body)
