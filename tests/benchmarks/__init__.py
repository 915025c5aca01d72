"""The project's own benchmark: the gateway beside the servers one would pick instead. Not part of the test run."""
