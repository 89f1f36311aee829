"""What chat channels have in common: what they are held to, the shape of their evidence, and their event loop."""
