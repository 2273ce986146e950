"""The paper twin (代录): forms printed under a code, signed papers transcribed by one person and compared by another."""
