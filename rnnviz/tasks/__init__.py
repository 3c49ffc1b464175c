"""What there is to learn: one generator or small data set per file."""
