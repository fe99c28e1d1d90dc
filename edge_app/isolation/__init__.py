"""Child processes for what may crash, hang or be hostile; knows nothing of medicine."""
