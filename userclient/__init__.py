"""The account: reads invite links into the ledger through a signed-in Telegram account. Read-only."""
