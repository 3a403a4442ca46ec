"""What people do: one function per act. An open session first; nothing is committed here."""
