"""Compares the vendors' pages, saved as text, Markdown or HTML, with the specs, and mends what it safely can."""
