"""Says what a brief tells now: given names and pages too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_brief_pages"
down_revision = "20261126_items"
branch_labels = None
depends_on = None

_BEFORE = "Family names and title, folded: tells plainly other works at a glance."
_NOW = "Names, title and pages, folded: tells other works at a glance."


def upgrade() -> None:
    _say(_NOW, _BEFORE)


def downgrade() -> None:
    _say(_BEFORE, _NOW)


def _say(comment: str, before: str) -> None:
    op.alter_column(
        "record", "brief", schema="catalog", existing_type=sa.Text(), comment=comment, existing_comment=before
    )
