"""Signal processing without knowledge of effects: recursions, envelopes, biquads, captures."""
