"""Locust profiles; pytest never imports this package."""
