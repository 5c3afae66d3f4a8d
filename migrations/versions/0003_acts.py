"""Acts on any link: what errands are about, batches, join requests, rotated keys; and what a check compares."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("chat", sa.Column("account_acts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("link", sa.Column("carried", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("link", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.add_column("link", sa.Column("once", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("link", sa.Column("for_person", sa.BigInteger()))
    op.add_column("link", sa.Column("for_name", sa.String(), nullable=False, server_default=""))
    op.add_column("link", sa.Column("closing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_link_closing", "link", ["id"], unique=False, sqlite_where=sa.text("closing"))
    op.add_column("person", sa.Column("awaits", sa.String()))
    op.add_column("errand", sa.Column("about", sa.BigInteger()))
    op.add_column("errand", sa.Column("cipher", sa.LargeBinary()))
    op.add_column("errand", sa.Column("sent_at", sa.BigInteger()))
    op.add_column("errand", sa.Column("held", sa.String()))
    op.add_column("errand", sa.Column("held_until", sa.BigInteger()))
    op.add_column("errand_answer", sa.Column("update_id", sa.BigInteger()))
    op.create_index("ix_errand_answer_update", "errand_answer", ["update_id"], unique=False)
    with op.batch_alter_table("join") as join:
        join.alter_column("update_id", existing_type=sa.BigInteger(), nullable=True)
        join.add_column(sa.Column("approved_by", sa.BigInteger()))
    _former()
    _request()
    _batches()
    _checks()


def downgrade() -> None:
    op.drop_index("ix_link_cut", "link")
    op.drop_column("listing", "slack")
    for name in ("pass_whole", "whole_ended", "checked_at", "log_event", "log_read"):
        op.drop_column("chat", name)
    _tally()
    for name in ("batch_item", "batch", "request", "former"):
        op.drop_table(name)
    op.drop_index("ix_link_closing", "link")
    op.execute('DELETE FROM "join" WHERE update_id IS NULL')
    with op.batch_alter_table("join") as join:
        join.drop_column("approved_by")
        join.alter_column("update_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_index("ix_errand_answer_update", "errand_answer")
    for table, names in (
        ("errand_answer", ("update_id",)),
        ("errand", ("about", "cipher", "sent_at", "held", "held_until")),
        ("link", ("carried", "note", "once", "for_person", "for_name", "closing")),
        ("chat", ("account_acts",)),
        ("person", ("awaits",)),
    ):
        for name in names:
            op.drop_column(table, name)


def _former() -> None:
    op.create_table(
        "former",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("link_id", BIG_ID, nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("start_digest", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("tail", sa.String(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("retired", sa.BigInteger(), nullable=False),
        sa.Column("usage_read", sa.BigInteger()),
        sa.Column("closed", sa.BigInteger()),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_former_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_former_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former")),
        sa.UniqueConstraint("chat_id", "digest", name=op.f("uq_former_chat_id_digest")),
    )
    op.create_index("ix_former_start", "former", ["chat_id", "start_digest"], unique=False)
    op.create_index("ix_former_link", "former", ["link_id", "id"], unique=False)


def _request() -> None:
    op.create_table(
        "request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("bio", sa.LargeBinary()),
        sa.Column("private_id", sa.BigInteger()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("update_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_request_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_request_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("update_id", name=op.f("uq_request_update_id")),
    )
    op.create_index("ix_request_state", "request", ["chat_id", "state", "at", "id"], unique=False)
    op.create_index("ix_request_link", "request", ["link_id", "state", "at", "id"], unique=False)
    op.create_index("ix_request_person", "request", ["chat_id", "person_id", "at"], unique=False)


def _batches() -> None:
    op.create_table(
        "batch",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", sa.Text()),
        sa.Column("cipher", sa.LargeBinary()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_batch_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_state", "batch", ["state", "id"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("batch_id", BIG_ID, nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("cipher", sa.LargeBinary()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_batch_item_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_item")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_item_state", "batch_item", ["batch_id", "state", "id"], unique=False)


def _checks() -> None:
    op.add_column("chat", sa.Column("pass_whole", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in ("whole_ended", "checked_at", "log_event", "log_read"):
        op.add_column("chat", sa.Column(name, sa.BigInteger()))
    op.execute("UPDATE chat SET whole_ended = pass_ended, checked_at = pass_ended")
    op.add_column("listing", sa.Column("slack", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_link_cut", "link", ["chat_id", "creator_id"], unique=False, sqlite_where=sa.text("digest IS NULL")
    )
    _tally("creator_id")


def _tally(*more: str) -> None:
    """Counts again, by what they are kept by from here on."""
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("whose", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in more),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_tally_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "whose", "kind", "warned", *more, name=op.f("pk_tally")),
    )
    by = ", ".join(["chat_id", "whose", "kind", "warned", *more])
    op.execute(f"INSERT INTO tally ({by}, links) SELECT {by}, count(*) FROM link GROUP BY {by}")  # noqa: S608
