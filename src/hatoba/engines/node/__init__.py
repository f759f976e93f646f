"""The runner: one small process that owns the dynos of its machine, and the engines' side of it."""
