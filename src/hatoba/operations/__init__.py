"""Review, confirm, apply, verify, receipt: one Operation a change, for every kind of client."""
