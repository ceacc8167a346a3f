"""``qnu export``."""


def export() -> None:
    """Export."""
