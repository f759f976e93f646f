"""The registry's front door: OCI Distribution over HTTP, with the API's tokens and permissions.

It streams blobs between requests and files and must never hold one in memory.
"""
