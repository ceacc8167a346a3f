"""The version of qnu."""

__version__ = "0.2.0"
