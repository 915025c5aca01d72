"""PostgreSQL: where people, consent and the log are kept."""
