"""Settings for what takes long and matters less than the search for what is wrong."""

from hypothesis import settings

few = settings(max_examples=min(settings().max_examples, 500))
"""As the profile says, but at most 500: nobody waits for `deep` to do 2,000 of everything."""
