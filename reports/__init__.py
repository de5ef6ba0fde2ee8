"""Makes results readable: terminal, JSON, JUnit.  Gets everything it needs as data."""
