"""What data subjects put on record, and the state it folds into."""
