"""One file a kind of graph output."""
