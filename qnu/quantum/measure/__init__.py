"""What to run on a device, and how to read it: bases, statistics, mitigation."""
