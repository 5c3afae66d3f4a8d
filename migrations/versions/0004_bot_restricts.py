"""Whether the bot may ban people, so that a card offers it only where it may."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("chat", sa.Column("bot_restricts", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("chat", "bot_restricts")
