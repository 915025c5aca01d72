"""The database's history. What a version does never changes once released; a change is a new version."""
