"""What must last, in Postgres: tables, migrations and one module of queries a noun.

Queries take a connection and return the model's dataclasses. No decision is made here.
"""
