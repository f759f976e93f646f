"""Log drains: an app's lines sent on to a log server, as logplex sends them.

A drain reads the stored lines, so that one that hangs or is away costs the app nothing. It must
never hold up a writer, and never lose a line that is still stored.
"""
