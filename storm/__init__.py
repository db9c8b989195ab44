"""The fault campaign: the real house under load, while everything that can go wrong does."""
