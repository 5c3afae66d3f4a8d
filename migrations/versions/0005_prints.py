"""A link is known to be unchanged by one look-up."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("link", sa.Column("print", sa.BigInteger()))
    op.create_index("ix_link_print", "link", ["chat_id", "print"])


def downgrade() -> None:
    op.drop_index("ix_link_print", "link")
    op.drop_column("link", "print")
