"""Models of the papers and the parts they share; torch and jaxtyping only."""
