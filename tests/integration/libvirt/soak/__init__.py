"""Minutes of reading while one fault follows another at random."""
