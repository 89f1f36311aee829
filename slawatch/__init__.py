"""slawatch: asks companies ordinary questions and measures how long a person there takes to answer."""

__version__ = "0.1.0"
