"""Everyone who takes part in the device grant: servers, devices, people, bad networks."""
