"""The ACME client, loaded when the first certificate is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hatoba.acme.base import Issued, Show
from hatoba.settings import AcmeSettings

if TYPE_CHECKING:
    from hatoba.acme.client import AcmeAuthority


class OnDemand:
    """Implements ``acme.base.Authority``. The libraries below it take 20 MB of memory."""

    def __init__(self, chosen: AcmeSettings, folder: Path) -> None:
        self._chosen = chosen
        self._folder = folder
        self._loaded: AcmeAuthority | None = None

    async def issue(self, hostname: str, show: Show) -> Issued:
        """Return a certificate for one host name."""
        if self._loaded is None:
            from hatoba.acme.client import AcmeAuthority

            self._loaded = AcmeAuthority(self._chosen, self._folder)
        return await self._loaded.issue(hostname, show)
