"""What a search minimises: the waveform error of a candidate, its weightings and penalties."""
