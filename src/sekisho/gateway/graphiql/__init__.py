"""The GraphiQL page: served from the package, with nothing from elsewhere."""
