"""Holds the API to the Platform API's own JSON schema, and counts what it serves."""
