"""What a newcomer does, on a Debian with nothing in it: the steps of the docs, word for word."""
