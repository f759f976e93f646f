"""Does a piece of work every few seconds, and ends in order when it is asked to."""

import itertools
import signal
import threading

stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())

for number in itertools.count(1):
    print(f"heartbeat {number}", flush=True)
    if stopping.wait(5):
        break
print("stopped in order", flush=True)
