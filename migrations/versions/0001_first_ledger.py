"""The first ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chat",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("username", sa.String()),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("served", sa.String(), nullable=False),
        sa.Column("bot_role", sa.String(), nullable=False),
        sa.Column("bot_deletes", sa.Boolean(), nullable=False),
        sa.Column("account_role", sa.String(), nullable=False),
        sa.Column("account_hash", sa.BigInteger()),
        sa.Column("account_since", sa.BigInteger()),
        sa.Column("added_by", sa.BigInteger()),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("watched_since", sa.BigInteger()),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("pass_number", sa.Integer(), nullable=False),
        sa.Column("pass_started", sa.BigInteger()),
        sa.Column("pass_ended", sa.BigInteger()),
        sa.Column("swept_at", sa.BigInteger()),
        sa.Column("sweep_calls", sa.Integer(), nullable=False),
        sa.Column("sweep_new", sa.Integer(), nullable=False),
        sa.Column("sweep_changed", sa.Integer(), nullable=False),
        sa.Column("sweep_gone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
    )
    op.create_table(
        "due",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
    )
    op.create_index("ix_due_at", "due", ["at"], unique=False)
    op.create_table(
        "fact",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary()),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.String()),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_done", "inbox", ["done", "update_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("username", sa.String()),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("account_hash", sa.BigInteger()),
        sa.Column("private_open", sa.Boolean(), nullable=False),
        sa.Column("chosen_chat", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "program",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("person_name", sa.String()),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_program")),
    )
    op.create_table(
        "server",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("ephemeral", sa.String(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_server")),
    )
    op.create_table(
        "wait",
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("method", name=op.f("pk_wait")),
    )
    op.create_table(
        "admin",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_admin_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "person_id", "told_by", name=op.f("pk_admin")),
    )
    op.create_table(
        "link",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger()),
        sa.Column("whose", sa.BigInteger(), nullable=False),
        sa.Column("cipher", sa.LargeBinary()),
        sa.Column("digest", sa.String()),
        sa.Column("start_digest", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("tail", sa.String(), nullable=False),
        sa.Column("by_this_bot", sa.Boolean(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger()),
        sa.Column("edited", sa.BigInteger()),
        sa.Column("expires", sa.BigInteger()),
        sa.Column("member_limit", sa.Integer(), nullable=False),
        sa.Column("usage", sa.Integer(), nullable=False),
        sa.Column("usage_read", sa.BigInteger()),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("leavers", sa.Integer(), nullable=False),
        sa.Column("last_join", sa.BigInteger()),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("maker_left", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_pass", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_link_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("chat_id", "digest", name=op.f("uq_link_chat_id_digest")),
        sa.UniqueConstraint("chat_id", "number", name=op.f("uq_link_chat_id_number")),
    )
    op.create_index("ix_link_creator_pass", "link", ["chat_id", "creator_id", "last_pass"], unique=False)
    op.create_index("ix_link_expires", "link", ["state", "expires"], unique=False)
    op.create_index("ix_link_page", "link", ["chat_id", "shown", "joined", "id"], unique=False)
    op.create_index("ix_link_start", "link", ["chat_id", "start_digest"], unique=False)
    op.create_index("ix_link_state", "link", ["chat_id", "state", "joined", "id"], unique=False)
    op.create_index("ix_link_whose", "link", ["chat_id", "whose", "shown", "joined", "id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("pass_number", sa.Integer(), nullable=False),
        sa.Column("cursor_date", sa.BigInteger()),
        sa.Column("cursor_link", sa.LargeBinary()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer()),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("unreadable_since", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_listing_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "creator_id", "revoked", name=op.f("pk_listing")),
    )
    op.create_table(
        "tally",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("whose", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_tally_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "whose", "state", "warned", name=op.f("pk_tally")),
    )
    op.create_table(
        "errand",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.Column("asked_by", sa.BigInteger()),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open_key", sa.String()),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_errand_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_errand_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint("open_key", name=op.f("uq_errand_open_key")),
    )
    op.create_table(
        "event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.BigInteger()),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_event_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_event_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_link", "event", ["link_id", "id"], unique=False)
    op.create_table(
        "intent",
        sa.Column("update_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_intent_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_intent_link_id")),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_intent")),
    )
    op.create_table(
        "join",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("link_id", BIG_ID),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by_request", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_join_chat_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_join_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join")),
        sa.UniqueConstraint("update_id", name=op.f("uq_join_update_id")),
    )
    op.create_index("ix_join_link", "join", ["link_id", "at"], unique=False)
    op.create_index("ix_join_person", "join", ["chat_id", "person_id", "at"], unique=False)
    op.create_table(
        "errand_answer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("errand_id", BIG_ID, nullable=False),
        sa.Column("asked_by", sa.BigInteger()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["errand_id"], ["errand.id"], name=op.f("fk_errand_answer_errand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand_answer")),
    )
    op.create_index("ix_errand_answer_errand", "errand_answer", ["errand_id"], unique=False)


def downgrade() -> None:
    op.drop_table("errand_answer")
    op.drop_table("join")
    op.drop_table("intent")
    op.drop_table("event")
    op.drop_table("errand")
    op.drop_table("tally")
    op.drop_table("listing")
    op.drop_table("link")
    op.drop_table("admin")
    op.drop_table("wait")
    op.drop_table("server")
    op.drop_table("program")
    op.drop_table("person")
    op.drop_table("inbox")
    op.drop_table("fact")
    op.drop_table("due")
    op.drop_table("chat")
