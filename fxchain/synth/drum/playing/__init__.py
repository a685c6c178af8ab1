"""How a drum sounds, in numpy or torch."""
