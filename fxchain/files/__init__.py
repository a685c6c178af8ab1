"""Audio files in and out, and files and folders that appear whole or not at all."""
