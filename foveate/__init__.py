"""foveate: a teacher that sees faces sharply teaches a student that sees them blurred where to look."""

__version__ = "0.1.0"
