"""sekisho (関所): a GraphQL gateway that releases personal data field by field, by purpose and consent."""
