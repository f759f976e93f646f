"""The use cases, one file a noun, and the reconciler. Clients reach them only over the API."""
