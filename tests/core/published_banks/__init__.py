"""Our banks of published rules, held against the reference cases of those rules."""
