"""What the app does, as plain blocking functions: acquire, examine, review, send."""
