"""What channels on which everybody can read along have in common; each platform adds how its servers are spoken to."""
