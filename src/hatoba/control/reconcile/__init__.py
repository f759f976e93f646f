"""Observe, plan (pure), apply: one lane an app, small idempotent steps."""
