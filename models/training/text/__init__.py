"""How the finder of text in pictures was made."""
