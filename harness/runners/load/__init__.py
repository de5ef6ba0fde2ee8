"""Load with a conscience: devices that poll, people who decide, and every answer judged."""
