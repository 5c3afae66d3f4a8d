"""The bare clients: what the same libraries cost where nothing of ours stands around them."""
