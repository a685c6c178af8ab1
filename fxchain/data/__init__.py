"""What the demo and the benchmarks start from: seeded test signals and chains drawn at random."""
