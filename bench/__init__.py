"""Figures for docs/bench.md: not part of the tests, and not part of what runs."""
