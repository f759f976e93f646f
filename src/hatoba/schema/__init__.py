"""The wire shapes of Platform API v3, shared by the API and the client.

Only shapes: no rule and no default that the API reference does not have.
"""
