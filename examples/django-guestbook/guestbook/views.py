"""The one page: read what others wrote, write something yourself."""

import logging
import os

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from guestbook.models import Entry

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def entries(request):
    """Show the newest entries, or add one."""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:80]
        message = request.POST.get("message", "").strip()[:500]
        if name and message:
            Entry.objects.create(name=name, message=message)
            log.info("%s wrote an entry", name)
        return HttpResponseRedirect("/")
    shown = {
        "entries": Entry.objects.order_by("-id")[:50],
        "greeting": os.environ.get("GREETING", "Welcome"),
    }
    return render(request, "guestbook.html", shown)
