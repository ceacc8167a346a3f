"""``python -m qnu`` is ``qnu``."""

from .cli import entry

if __name__ == "__main__":
    entry()
