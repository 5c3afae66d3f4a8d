"""Lists in every order, chats that move, grants, searches."""

import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# A live link counts as expiring by the first tick: that needs the clock, and this does not.
_FILL = """
UPDATE link SET
    born = coalesce(created, first_seen),
    ends = coalesce(nullif(expires, 0), 8589934592),
    words = folded(title),
    turns = CASE WHEN nullif(expires, 0) IS NULL THEN NULL WHEN state = 'live' THEN expires - 604800
        WHEN state = 'full' THEN expires END,
    kind = CASE state WHEN 'revoked' THEN -1 WHEN 'gone' THEN -2 ELSE
        CASE state WHEN 'expired' THEN 1 WHEN 'full' THEN 2 ELSE 0 END
        + 8 * (joined = 0) + 16 * approval + 32 * (price > 0) + 64 * is_primary END
"""
_COUNT_KINDS = """
INSERT INTO tally (chat_id, whose, kind, warned, links)
SELECT chat_id, whose, kind, warned, count(*) FROM link GROUP BY 1, 2, 3, 4
"""
_COUNT_STATES = """
INSERT INTO tally (chat_id, whose, state, warned, links)
SELECT chat_id, whose, state, warned, count(*) FROM link GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    _tables()
    op.add_column("chat", sa.Column("reply_place", sa.String(), nullable=False, server_default="here"))
    op.add_column("chat", sa.Column("discussion_id", sa.BigInteger()))
    op.add_column("chat", sa.Column("zone_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("intent", sa.Column("here", sa.BigInteger()))
    op.add_column("intent", sa.Column("message_id", sa.BigInteger()))
    op.create_index("ix_intent_message", "intent", ["here", "message_id"], unique=False)
    for name in ("page", "whose", "state", "expires"):
        op.drop_index(f"ix_link_{name}", "link")
    op.drop_column("link", "shown")
    op.add_column("link", sa.Column("kind", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("link", sa.Column("born", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("link", sa.Column("ends", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("link", sa.Column("turns", sa.BigInteger()))
    op.add_column("link", sa.Column("words", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.create_function("folded", 1, _folded)
    op.execute(_FILL)
    for key in ("joined", "born", "ends"):
        op.create_index(f"ix_link_{key}", "link", ["chat_id", "kind", key, "id"], unique=False)
        op.create_index(f"ix_link_whose_{key}", "link", ["chat_id", "whose", "kind", key, "id"], unique=False)
    op.create_index("ix_link_turns", "link", ["turns"], unique=False, sqlite_where=sa.text("turns IS NOT NULL"))
    _tally(sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False), _COUNT_KINDS)


def downgrade() -> None:
    for key in ("joined", "born", "ends"):
        op.drop_index(f"ix_link_{key}", "link")
        op.drop_index(f"ix_link_whose_{key}", "link")
    op.drop_index("ix_link_turns", "link")
    _tally(sa.Column("state", sa.String(), nullable=False), _COUNT_STATES)
    op.add_column("link", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE link SET shown = kind >= 0")
    for name in ("kind", "born", "ends", "turns", "words"):
        op.drop_column("link", name)
    op.create_index("ix_link_expires", "link", ["state", "expires"], unique=False)
    op.create_index("ix_link_page", "link", ["chat_id", "shown", "joined", "id"], unique=False)
    op.create_index("ix_link_state", "link", ["chat_id", "state", "joined", "id"], unique=False)
    op.create_index("ix_link_whose", "link", ["chat_id", "whose", "shown", "joined", "id"], unique=False)
    op.drop_index("ix_intent_message", "intent")
    for table, names in (("intent", ("here", "message_id")), ("chat", ("reply_place", "discussion_id", "zone_chosen"))):
        for name in names:
            op.drop_column(table, name)
    for name in ("moved", "grant", "preference", "search"):
        op.drop_table(name)


def _tables() -> None:
    op.create_table(
        "moved",
        sa.Column("old_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("new_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_moved")),
    )
    op.create_table(
        "grant",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_grant_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "person_id", "what", name=op.f("pk_grant")),
    )
    op.create_table(
        "preference",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_preference_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "person_id", name=op.f("pk_preference")),
    )
    op.create_table(
        "search",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_search_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
    )
    op.create_index("ix_search_person", "search", ["chat_id", "person_id"], unique=False)


def _tally(by: sa.Column[Any], count: str) -> None:
    """Counts again, by what they are kept by from here on."""
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("chat_id", BIG_ID, nullable=False),
        sa.Column("whose", sa.BigInteger(), nullable=False),
        by,
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_tally_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "whose", by.name, "warned", name=op.f("pk_tally")),
    )
    op.execute(count)


def _folded(title: str) -> str:
    return unicodedata.normalize("NFKC", title).casefold()
