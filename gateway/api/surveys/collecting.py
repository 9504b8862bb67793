"""REST of the surveys service. Collecting: audience, confidential mode, reminders, single-use links, coverage."""
