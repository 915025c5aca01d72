"""Invented people and recipients, to try everything on."""
