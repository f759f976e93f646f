"""Calls that only a Hatoba knows: its status, plans, receipts and the trash."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.schema.hatoba import Plan, PlanRequest, Receipt, ReceiptRequest, Status, Trashed
from hatoba.schema.platform import App


def status(api: Api) -> Status:
    """Return how the platform is."""
    return api.get("/hatoba/status", Status)


def make_plan(api: Api, app: str, request: PlanRequest) -> Plan:
    """Keep a review, so that it can be applied by its id."""
    return api.change("POST", f"/hatoba/apps/{app}/plans", Plan, body=request)


def find_plan(api: Api, app: str, plan_id: str) -> Plan:
    """Return a kept review."""
    return api.get(f"/hatoba/apps/{app}/plans/{plan_id}", Plan)


def use_plan(api: Api, app: str, plan_id: str) -> Plan:
    """Take a plan for use, which can be done once. Raises ApiError when it is used or over."""
    return api.change("POST", f"/hatoba/apps/{app}/plans/{plan_id}/actions/use", Plan)


def keep_receipt(api: Api, app: str | None, request: ReceiptRequest) -> Receipt:
    """Add to the audit trail of an app, or of the account."""
    return api.change("POST", _trail(app), Receipt, body=request)


def receipts(api: Api, app: str | None) -> list[Receipt]:
    """Return the audit trail of an app, or of the account, the newest first."""
    return api.pages(_trail(app), Receipt)


def find_receipt(api: Api, app: str | None, receipt_id: str) -> Receipt:
    """Return one entry of the audit trail of an app, or of the account."""
    return api.get(f"{_trail(app)}/{receipt_id}", Receipt)


def _trail(app: str | None) -> str:
    return f"/hatoba/apps/{app}/receipts" if app is not None else "/hatoba/receipts"


def trash(api: Api) -> list[Trashed]:
    """Return the destroyed apps that can still be restored; none on Heroku."""
    return api.pages("/hatoba/trash", Trashed)


def trashed(api: Api, app_id: str) -> Trashed | None:
    """Return the destroyed app's entry in the trash, if it is there."""
    try:
        return next((t for t in trash(api) if t.id == app_id), None)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def restore(api: Api, app_id: str) -> App:
    """Bring a destroyed app back."""
    return api.change("POST", f"/hatoba/trash/{app_id}/actions/restore", App)
