"""The privacy policy as data: its model, its loader and the document shipped."""
