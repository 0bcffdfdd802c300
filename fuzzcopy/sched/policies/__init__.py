"""Who decides: one policy per file behind one small interface."""
