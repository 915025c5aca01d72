"""The governed GraphQL schema and how one operation is answered."""
