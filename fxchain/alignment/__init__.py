"""How two recordings lie in time: latency, polarity, clock drift, and whether they are related."""
