"""What the commands of `services.cli` do: files in, figures and sentences out; no database, no network."""
