"""The HTTP side: who calls, what is refused and how it is said."""
