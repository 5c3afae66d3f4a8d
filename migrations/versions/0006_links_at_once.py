"""Whether a link's chat exists is looked at by the commit: SQLite then keeps nothing aside while many are inserted."""

from alembic import op

from ledger.errors import NotALedger

revision = "0006"
down_revision = "0005"

_AT_ONCE = "REFERENCES chat (id)"
_BY_COMMIT = _AT_ONCE + " DEFERRABLE INITIALLY DEFERRED"


def upgrade() -> None:
    _word(_AT_ONCE, _BY_COMMIT)


def downgrade() -> None:
    _word(_BY_COMMIT, _AT_ONCE)


def _word(was: str, now: str) -> None:
    """As SQLite advises for what changes no row: a copy of the table would take a minute for a million links."""
    run = op.get_bind().exec_driver_sql
    if was not in run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'link'").scalar_one():
        raise NotALedger
    version = run("PRAGMA schema_version").scalar_one()
    run("PRAGMA writable_schema=ON")
    run("UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'link'", (was, now))
    run(f"PRAGMA schema_version={version + 1}")
    run("PRAGMA writable_schema=RESET")
