"""Payloads. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""
