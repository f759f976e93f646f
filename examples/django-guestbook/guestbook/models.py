"""What is kept: one row an entry."""

from django.db import models


class Entry(models.Model):
    """Somebody's message."""

    name = models.CharField(max_length=80)
    message = models.CharField(max_length=500)
    written_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.name}: {self.message}"
