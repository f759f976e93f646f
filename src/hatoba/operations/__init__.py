"""Every change as one Operation: review, confirm, apply, verify, receipt.

Used alike by the command line, the dashboard and the MCP server: nothing here prints or
reads a terminal; whoever calls brings a ``Ui``.
"""
