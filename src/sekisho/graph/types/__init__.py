"""The GraphQL types, one room per data category."""
