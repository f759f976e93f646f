"""The worker: says every few seconds how many entries there are."""

import signal
import threading

from django.core.management.base import BaseCommand

from guestbook.models import Entry


class Command(BaseCommand):
    """Counts until it is asked to stop."""

    help = "Say every few seconds how many entries there are."

    def handle(self, *args, **options):
        """Count, wait, count again."""
        stopping = threading.Event()
        signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
        while not stopping.is_set():
            self.stdout.write(f"{Entry.objects.count()} entries")
            self.stdout.flush()
            stopping.wait(5)
        self.stdout.write("stopped in order")
