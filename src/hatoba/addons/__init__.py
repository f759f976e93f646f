"""Add-on services that the platform brings itself. None knows of another, or of who may use it."""
