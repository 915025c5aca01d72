"""Governed operations as one SQL statement that decides, records and answers."""
