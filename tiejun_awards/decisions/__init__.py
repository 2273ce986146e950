"""Steps that happen outside the system (a body decided, an opinion came, a notice hung) and are registered here."""
