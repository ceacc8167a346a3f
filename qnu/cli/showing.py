"""``qnu show``."""


def show() -> None:
    """Show."""
