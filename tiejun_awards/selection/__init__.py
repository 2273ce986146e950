"""What becomes of the entries the units put forward: first review, opinions, notice, decision."""
