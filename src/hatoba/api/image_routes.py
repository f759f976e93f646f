"""The routes of images, as in ``routes``; the registry itself has its own."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import DEPLOY, VIEW
from hatoba.api.endpoint import Route
from hatoba.api.resources import oci_images

IMAGES: tuple[Route[Any], ...] = (
    Route("GET", "/apps/{app}/oci-images/{image}", VIEW, oci_images.info),
    Route("POST", "/apps/{app}/oci-images", DEPLOY, oci_images.create),
)
