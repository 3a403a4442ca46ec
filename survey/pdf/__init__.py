"""Report in, bytes out: how a report is printed. Decides nothing about what it says."""
