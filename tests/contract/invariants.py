"""What must hold in the store whatever was asked: each query finds what breaks a rule."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.database import Store

RULES = {
    "an app has one current release": """
        SELECT a.name FROM apps a JOIN releases r ON r.app_id = a.id
        GROUP BY a.name, a.id HAVING count(*) FILTER (WHERE r.current) <> 1""",
    "versions have no gaps": """
        SELECT app_id::text FROM releases
        GROUP BY app_id HAVING min(version) <> 1 OR max(version) <> count(*)""",
    "the app's config is that of its newest release": """
        SELECT a.name FROM apps a JOIN releases r ON r.app_id = a.id
        WHERE r.version = (SELECT max(version) FROM releases WHERE app_id = a.id)
        AND r.config_id <> a.config_id""",
    "an app's config is there": """
        SELECT a.name FROM apps a LEFT JOIN config_snapshots c ON c.id = a.config_id
        WHERE a.config_id IS NOT NULL AND c.app_id IS DISTINCT FROM a.id""",
    "formations are within their limits": """
        SELECT type FROM formations WHERE quantity < 0 OR quantity > 100""",
    "a slug is released on its own app": """
        SELECT r.id::text FROM releases r JOIN slugs s ON s.id = r.slug_id
        WHERE s.app_id <> r.app_id""",
    "living apps have names of their own": """
        SELECT name FROM apps WHERE destroyed_at IS NULL GROUP BY name HAVING count(*) > 1""",
    "one build of an app runs at a time": """
        SELECT app_id::text FROM builds WHERE status = 'pending'
        GROUP BY app_id HAVING count(*) > 1""",
    "an app has one place in one pipeline": """
        SELECT app_id::text FROM pipeline_couplings GROUP BY app_id HAVING count(*) > 1""",
    "attachments are of add-ons and apps that are there": """
        SELECT t.name FROM addon_attachments t LEFT JOIN addons a ON a.id = t.addon_id
        LEFT JOIN apps p ON p.id = t.app_id WHERE a.id IS NULL OR p.id IS NULL""",
}


async def broken(store: Store) -> dict[str, list[str]]:
    """Return what breaks each rule, by rule; nothing for those that hold."""
    found = {}
    async with store.read() as conn:
        for rule, query in RULES.items():
            rows = list((await conn.scalars(sa.text(query))).all())
            if rows:
                found[rule] = rows
    return found
