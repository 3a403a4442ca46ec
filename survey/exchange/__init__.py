"""Other people's formats: files to documents and answers, and back."""
