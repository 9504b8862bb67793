"""The public language between services: events and the shapes of RPC results, one file per service."""
