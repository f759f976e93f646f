"""How add-on providers elsewhere are called: HTTP with their manifest's password, no more."""
