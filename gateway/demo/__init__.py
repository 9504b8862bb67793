"""Demo content: fictional people, a closed and an open survey, a course in both languages."""
