"""Score sheets: one judge's marks for one branch."""
