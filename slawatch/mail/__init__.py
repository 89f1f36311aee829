"""What submitting, composing and reading mail have in common; knows nothing of channels, stores or verdicts."""
