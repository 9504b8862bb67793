"""REST of the surveys service. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""
