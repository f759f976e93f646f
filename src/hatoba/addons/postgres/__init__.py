"""Heroku Postgres: the customers' servers and what is done on them.

It works on servers, databases and roles that it is told about; it never reads the control
database and never decides who may do what.
"""
