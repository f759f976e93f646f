"""The domain in Heroku's words: frozen dataclasses, enums and pure rules.

No I/O of any kind happens here, and nothing here knows about tables, JSON or processes.
"""
