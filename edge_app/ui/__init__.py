"""The window: the only room that knows PyQt6."""
