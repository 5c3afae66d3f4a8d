"""What people may type."""

from __future__ import annotations

from hypothesis import strategies as st

# What UTF-8 carries. Told by its codec, hypothesis tries each code point: two seconds in every worker of a fresh clone.
ANY = st.characters(exclude_categories=["Cs"])
