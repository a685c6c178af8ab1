"""A gated recurrent cell of a few units: what no knob explains, trained by second-order steps."""
