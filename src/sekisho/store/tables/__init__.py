"""The tables, one module per kind of thing they hold; all of one `MetaData`."""
