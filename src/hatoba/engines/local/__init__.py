"""Dynos as processes of this machine, owned by one runner process."""
