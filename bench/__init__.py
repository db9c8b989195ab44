"""Benchmarks: one file per question, figures as ratios in one run on one machine."""
