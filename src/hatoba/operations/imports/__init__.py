"""Taking apps over from Heroku, or from any other Platform API, step by step.

Each step is an operation of its own, with its checks and its receipt; a step whose result is there
already is left out, so an import that was cut off is gone on with by beginning it again. Nothing is
changed where the apps come from.
"""
