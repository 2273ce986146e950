"""A quarter as the office sees it: every branch and its report."""
