"""What was disclosed, as records anyone can recompute."""
