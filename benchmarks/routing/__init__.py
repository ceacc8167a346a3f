"""qnu's routing measured against Qiskit's best: cases, peers, goals, tables, exact optima."""
