"""Typed client of the Platform API; works against a Hatoba and against Heroku."""
