"""What outlives a request: tables, files and migrations. No rules."""
