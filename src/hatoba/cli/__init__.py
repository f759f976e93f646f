"""The command line: parses, calls ``client`` and ``operations``, and prints.

Only ``output`` prints. A command module is imported when its command is called, so that a
start costs what that one command needs. Nothing here reaches the platform but over HTTP.
"""
