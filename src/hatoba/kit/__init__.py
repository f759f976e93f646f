"""Small tools without domain words: processes, clock, retry, files, secrets, text.

A piece belongs here only if it could be published as a library of its own.
Nothing here knows what an app, a release or a dyno is.
"""
