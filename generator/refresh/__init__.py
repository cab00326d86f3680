"""The whole habit after a change of the vendors' pages, in one run that changes everything that follows, or nothing."""
