"""Talks with admins over the Bot API, and writes what it sees into the ledger."""
