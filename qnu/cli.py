"""Placeholder until the experiment room stands."""


def main() -> None:
    """Entry point."""
