"""`console backup`: a whole copy of the ledger, made while both programs go on writing."""

from __future__ import annotations

from pathlib import Path

from console.book import Refused, opened


async def copy_to(file: Path) -> int:
    """The copy is checked before it counts. Raises Refused where the file stands already or has no folder."""
    if not file.parent.is_dir():
        raise Refused(f"There is no folder {file.parent} to put the copy in.")
    async with opened() as ledger:
        try:
            await ledger.backup(file)
        except FileExistsError:
            raise Refused(f"{file} stands already, and is left as it is: name another file.") from None
    print(f"{file} is a whole copy, checked. It opens with the present LEDGER_KEY only: keep keys/ in another place.")
    return 0
