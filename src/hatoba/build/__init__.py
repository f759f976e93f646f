"""From source to slug: buildpacks with the classic interface, run in a sandbox.

A build reads source, config vars and a cache, and makes a slug. It never touches releases,
dynos or the store.
"""
