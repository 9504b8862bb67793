"""Every write of identity."""
