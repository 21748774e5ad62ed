"""How the evidence is shown: an evidence record in, one self-contained HTML page out.

Nothing is imported here, so that a test session that only names this package does not pay for matplotlib.

>>> from reports.page import render
"""
