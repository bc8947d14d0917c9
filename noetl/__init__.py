"""NoETL: the Python server and, in an installation, the UI it serves."""

__version__ = "0.1.0"
