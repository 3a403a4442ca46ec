"""The question-bank workshop: drafts are edited, translated, checked, exchanged and published."""
