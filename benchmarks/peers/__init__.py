"""Other searchers, on the same plain programs."""
