"""Commands, settings, and the one place that wires the house together."""
