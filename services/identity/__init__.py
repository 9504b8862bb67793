"""Who is who: accounts, invitations, sessions, personal tokens, the members' directory."""
