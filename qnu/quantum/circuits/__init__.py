"""From a gas and a schedule to a quantum circuit of encounter gates, and to files."""
