"""Style transfer: one recording takes over how others sound, without a dry version of them."""
