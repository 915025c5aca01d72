"""The servers one would pick instead, each written as its own documentation suggests."""
