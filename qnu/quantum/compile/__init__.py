"""From a gas and a schedule to a device's own gates on its own couplers."""
