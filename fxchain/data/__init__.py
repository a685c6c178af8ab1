"""Material to measure with: seeded test signals and the manifests of real recordings."""
