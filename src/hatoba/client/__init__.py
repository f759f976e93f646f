"""Typed, synchronous client of the Platform API: of a Hatoba, and of Heroku itself.

Modules by noun hold the calls; they take an ``Api``. Nothing here prints, asks or decides.
A token is sent to the configured host alone. Imports stay few: the command line starts
this package at every key press of its user.
"""
