"""Real series of numbers that ship with the project, series that are known exactly, and a visitor's own."""
