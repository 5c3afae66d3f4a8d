"""The tables. Times are Unix seconds; chat and person ids are Telegram's marked ids, others are ours.

What must not be read by whoever has the file is ciphertext: links, inbox bodies, intents, due rows.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer, "sqlite")

# One row a fact about the ledger itself: the wrapped data key, the host, the claim, the bot's identity.
fact = Table("fact", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

chat = Table(
    "chat",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("title", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("username", String),
    Column("time_zone", String, nullable=False),
    Column("served", String, nullable=False),
    Column("bot_role", String, nullable=False),
    Column("bot_deletes", Boolean, nullable=False),
    Column("bot_restricts", Boolean),  # null until it was looked up
    Column("account_role", String, nullable=False),
    Column("account_hash", BigInteger),
    Column("account_since", BigInteger),  # when account_role last changed
    Column("added_by", BigInteger),
    Column("first_seen", BigInteger, nullable=False),
    Column("watched_since", BigInteger),
    Column("next_number", Integer, nullable=False),
    Column("pass_number", Integer, nullable=False),  # the sweep under way, or the last one
    Column("pass_started", BigInteger),
    Column("pass_ended", BigInteger),
    Column("pass_whole", Boolean, nullable=False),  # of all creators; else of those whose counts disagreed
    Column("whole_ended", BigInteger),  # when the last whole pass ended, whatever could be read; 0: do one soon
    Column("swept_at", BigInteger),  # end of the last whole pass that read all it could
    Column("checked_at", BigInteger),  # when counts were last compared, or a whole pass ended
    Column("log_event", BigInteger),  # the last event of Telegram's admin log that was read
    Column("log_read", BigInteger),  # when
    Column("sweep_calls", Integer, nullable=False),  # these four: of the sweep under way, or the last one
    Column("sweep_new", Integer, nullable=False),
    Column("sweep_changed", Integer, nullable=False),
    Column("sweep_gone", Integer, nullable=False),
    Column("reply_place", String, nullable=False),
    Column("discussion_id", BigInteger),
    Column("zone_chosen", Boolean, nullable=False),
    Column("account_acts", Boolean, nullable=False),  # the host lets the account change links here
)

# The ids of basic groups that became supergroups, and what they are called now.
moved = Table(
    "moved",
    metadata,
    Column("old_id", BigId, primary_key=True, autoincrement=False),
    Column("new_id", BigInteger, nullable=False),
)

# What the owner lets a named admin do.
grant = Table(
    "grant",
    metadata,
    Column("chat_id", ForeignKey("chat.id"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("what", String, primary_key=True),
)

# The list a person gets in a chat who asks for none in particular: JSON.
preference = Table(
    "preference",
    metadata,
    Column("chat_id", ForeignKey("chat.id"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("list", Text, nullable=False),
)

# Words someone looked for, lines he may choose and links he is about to make, so that a button need not carry them.
search = Table(
    "search",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("words", String, nullable=False),
    Index("ix_search_person", "chat_id", "person_id"),
)

person = Table(
    "person",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("username", String),
    Column("is_bot", Boolean, nullable=False),
    Column("account_hash", BigInteger),
    Column("private_open", Boolean, nullable=False),  # pressed Start and has not blocked the bot
    Column("chosen_chat", BigInteger),
    Column("awaits", String),  # what his next words in private are the answer to: JSON
)

# Whose links a chat may have, by whom it was told: "bot" (getChatAdministrators), "account" (the probe),
# "book" (a link of his was seen).
admin = Table(
    "admin",
    metadata,
    Column("chat_id", ForeignKey("chat.id"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("told_by", String, primary_key=True),
)

link = Table(
    "link",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("creator_id", BigInteger, nullable=False),
    Column("asked_by", BigInteger),
    Column("whose", BigInteger, nullable=False),  # asked_by, else creator_id: `mine` is one index away
    Column("cipher", LargeBinary),  # null while only the cut form is known
    Column("digest", String),  # keyed hash of the whole link
    Column("start_digest", String, nullable=False),  # keyed hash up to the first 8 characters of its hash
    Column("head", String, nullable=False),
    Column("tail", String, nullable=False),
    Column("by_this_bot", Boolean, nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("approval", Boolean, nullable=False),
    Column("title", String, nullable=False),
    Column("created", BigInteger),
    Column("edited", BigInteger),
    Column("expires", BigInteger),
    Column("member_limit", Integer, nullable=False),
    Column("usage", Integer, nullable=False),  # as last read
    Column("usage_read", BigInteger),  # when
    Column("joined", Integer, nullable=False),  # usage + joins seen since; what screens show and sort by
    Column("leavers", Integer, nullable=False),  # of those who were seen to join by it
    Column("last_join", BigInteger),
    Column("pending", Integer, nullable=False),
    Column("price", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("kind", Integer, nullable=False),  # ledger.shelves: by it, shelves are read in order and counted
    Column("born", BigInteger, nullable=False),  # created, else first seen
    Column("ends", BigInteger, nullable=False),  # expires, else NEVER
    Column("turns", BigInteger),  # when time alone makes it of another kind
    Column("words", String, nullable=False),  # its title, folded to be searched
    Column("warned", Boolean, nullable=False),
    Column("maker_left", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("last_pass", Integer, nullable=False),  # the last sweep that listed it
    Column("gone_at", BigInteger),
    Column("carried", Integer, nullable=False),  # joins by the keys it had before; in joined and member_limit, too
    Column("note", String, nullable=False),
    Column("once", Boolean, nullable=False),  # revoked on the first join
    Column("for_person", BigInteger),  # whom it is for: it closes when that person joins
    Column("for_name", String, nullable=False),  # the username of whom it is for, while no person is known by it
    Column("closing", Boolean, nullable=False),  # whom it was for has joined: this bot is to revoke it
    Column("print", BigInteger),  # keyed hash of the reading the row says all of; null where it says more, or less
    UniqueConstraint("chat_id", "number"),
    UniqueConstraint("chat_id", "digest"),
    Index("ix_link_joined", "chat_id", "kind", "joined", "id"),
    Index("ix_link_born", "chat_id", "kind", "born", "id"),
    Index("ix_link_ends", "chat_id", "kind", "ends", "id"),
    Index("ix_link_whose_joined", "chat_id", "whose", "kind", "joined", "id"),
    Index("ix_link_whose_born", "chat_id", "whose", "kind", "born", "id"),
    Index("ix_link_whose_ends", "chat_id", "whose", "kind", "ends", "id"),
    Index("ix_link_start", "chat_id", "start_digest"),
    Index("ix_link_print", "chat_id", "print"),
    Index("ix_link_creator_pass", "chat_id", "creator_id", "last_pass"),
    Index("ix_link_cut", "chat_id", "creator_id", sqlite_where=text("digest IS NULL")),
    Index("ix_link_turns", "turns", sqlite_where=text("turns IS NOT NULL")),
    Index("ix_link_closing", "id", sqlite_where=text("closing")),
)

# The keys a link had before it was rotated: they are known, listed as revoked, and no links of their own.
former = Table(
    "former",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("link_id", ForeignKey("link.id"), nullable=False),
    Column("cipher", LargeBinary, nullable=False),
    Column("digest", String, nullable=False),
    Column("start_digest", String, nullable=False),
    Column("head", String, nullable=False),
    Column("tail", String, nullable=False),
    Column("joined", Integer, nullable=False),  # by this key; those of a link add up to its `carried`
    Column("retired", BigInteger, nullable=False),  # when another key took its place
    Column("usage_read", BigInteger),  # when Telegram last told how many joined by it
    Column("closed", BigInteger),  # when Telegram revoked it; null: that is still to be done
    UniqueConstraint("chat_id", "digest"),
    Index("ix_former_start", "chat_id", "start_digest"),
    Index("ix_former_link", "link_id", "id"),
)

# Counts per chat, whose, kind and creator, kept in the transaction that changes a link.
tally = Table(
    "tally",
    metadata,
    Column("chat_id", ForeignKey("chat.id"), primary_key=True),
    Column("whose", BigInteger, primary_key=True),
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("warned", Boolean, primary_key=True),
    Column("creator_id", BigInteger, primary_key=True, autoincrement=False),
    Column("links", Integer, nullable=False),
)

# One listing of Telegram's: a creator's unrevoked or revoked links in a chat, and how far it was read.
listing = Table(
    "listing",
    metadata,
    Column("chat_id", ForeignKey("chat.id"), primary_key=True),
    Column("creator_id", BigInteger, primary_key=True),
    Column("revoked", Boolean, primary_key=True),
    Column("pass_number", Integer, nullable=False),
    Column("cursor_date", BigInteger),
    Column("cursor_link", LargeBinary),
    Column("pages", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("count", Integer),  # as Telegram last said
    Column("slack", Integer, nullable=False),  # what its count had beyond the book's once the listing was read whole
    Column("ended", Boolean, nullable=False),  # in pass_number
    Column("read_at", BigInteger),  # when it was last read to its end
    Column("unreadable_since", BigInteger),
    Column("reason", String, nullable=False),
)

join = Table(
    "join",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("link_id", ForeignKey("link.id")),
    Column("at", BigInteger, nullable=False),
    Column("update_id", BigInteger),  # null where the account read it
    Column("how", String, nullable=False),  # "update", "account"
    Column("by_request", Boolean, nullable=False),
    Column("approved_by", BigInteger),
    Column("left_at", BigInteger),
    UniqueConstraint("update_id"),
    Index("ix_join_link", "link_id", "at"),
    Index("ix_join_person", "chat_id", "person_id", "at"),
)

# Who asked to join: waiting, approved, declined, or withdrawn (Telegram lists it no more).
request = Table(
    "request",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("link_id", ForeignKey("link.id")),
    Column("at", BigInteger, nullable=False),
    Column("bio", LargeBinary),  # ciphertext
    Column("private_id", BigInteger),  # the chat in which the bot may write to the person, for five minutes
    Column("state", String, nullable=False),
    Column("decided_by", BigInteger),
    Column("decided_at", BigInteger),
    Column("how", String, nullable=False),  # "update", "account"
    Column("update_id", BigInteger),
    UniqueConstraint("update_id"),
    Index("ix_request_state", "chat_id", "state", "at", "id"),
    Index("ix_request_link", "link_id", "state", "at", "id"),
    Index("ix_request_person", "chat_id", "person_id", "at"),
)

# Append-only history of a link or chat: made, edited, noted, revoked, replaced, rotated, deleted, gone, back, revealed,
# granted, withdrawn, and what became of errands and batches.
event = Table(
    "event",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("link_id", ForeignKey("link.id")),
    Column("at", BigInteger, nullable=False),
    Column("what", String, nullable=False),
    Column("by", BigInteger),
    Column("how", String, nullable=False),  # "bot", "sweep", "log", "update", "console"
    Column("detail", Text, nullable=False),  # JSON: what changed, from and to; never a link
    Index("ix_event_link", "link_id", "id"),
)

errand = Table(
    "errand",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("act", String, nullable=False),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("link_id", ForeignKey("link.id")),
    Column("asked_by", BigInteger),
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("about", BigInteger),  # whose links, where the act is about no single one
    Column("cipher", LargeBinary),  # what is wished for, JSON
    Column("open_key", String),  # act, chat and what it is about while open: at most one open errand for each
    Column("taken_at", BigInteger),
    Column("sent_at", BigInteger),  # when its act was last about to be sent: from then on it is read before a repeat
    Column("held", String),  # why it waits
    Column("held_until", BigInteger),
    Column("ended_at", BigInteger),
    Column("reason", String, nullable=False),
    Column("result", Text, nullable=False),
    UniqueConstraint("open_key"),
)

# The messages that wait for an errand's outcome: each who asked for the same gets an honest answer.
errand_answer = Table(
    "errand_answer",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("errand_id", ForeignKey("errand.id"), nullable=False),
    Column("asked_by", BigInteger),
    Column("place", Text, nullable=False),  # empty where no message waits
    Column("answered", Boolean, nullable=False),
    Column("update_id", BigInteger),  # of the question: run again it asks nothing new
    Index("ix_errand_answer_errand", "errand_id"),
    Index("ix_errand_answer_update", "update_id"),
)

# One confirmed act on many links or people, done one by one: shows how far it is, can be stopped, and goes on.
batch = Table(
    "batch",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("what", String, nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # draft, running, stopping, stopped, done
    Column("place", Text),  # the message that shows how far it is
    Column("cipher", LargeBinary),  # what is wished for, JSON
    Column("ended_at", BigInteger),
    Column("reason", String, nullable=False),
    Index("ix_batch_state", "state", "id"),
)

batch_item = Table(
    "batch_item",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    Column("link_id", ForeignKey("link.id")),
    Column("person_id", BigInteger),
    Column("cipher", LargeBinary),  # what only this one needs, JSON
    Column("state", String, nullable=False),  # unchosen, waiting, doing, done, refused, unknown
    Column("reason", String, nullable=False),
    Column("sent_at", BigInteger),
    Index("ix_batch_item_state", "batch_id", "state", "id"),
    sqlite_autoincrement=True,  # what was asked for an item is known by its id, which no later one may have
)

# What the bot is about to ask of Telegram and must not ask twice, keyed by the update that wants it.
intent = Table(
    "intent",
    metadata,
    Column("update_id", BigId, primary_key=True, autoincrement=False),
    Column("act", String, nullable=False),  # create, replace, edit
    Column("chat_id", ForeignKey("chat.id"), nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("cipher", LargeBinary, nullable=False),
    Column("state", String, nullable=False),  # open, done, failed
    Column("link_id", ForeignKey("link.id")),
    Column("here", BigInteger),  # these two: the message that wanted it
    Column("message_id", BigInteger),
    Index("ix_intent_message", "here", "message_id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigId, primary_key=True, autoincrement=False),
    Column("lane", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("cipher", LargeBinary),  # erased once done
    Column("received", BigInteger, nullable=False),
    Column("done", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("quarantined", String),  # why
    Index("ix_inbox_done", "done", "update_id"),
)

# What must happen later: a public line removed, a reveal hidden.
due = Table(
    "due",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", String, nullable=False),
    Column("cipher", LargeBinary, nullable=False),
    Index("ix_due_at", "at"),
)

# Flood waits, kept over restarts: no call of this method before `until`.
wait = Table(
    "wait",
    metadata,
    Column("method", String, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

# What a program last said of itself.
program = Table(
    "program",
    metadata,
    Column("name", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("seen", BigInteger, nullable=False),
    Column("person_id", BigInteger),
    Column("person_name", String),
    Column("detail", String, nullable=False),
    Column("calls", Text, nullable=False),
)

# Whether a Bot API server keeps ephemeral messages to one person, as tried and proven.
server = Table(
    "server",
    metadata,
    Column("url", String, primary_key=True),
    Column("ephemeral", String, nullable=False),  # yes, no
    Column("tried", BigInteger, nullable=False),
)
