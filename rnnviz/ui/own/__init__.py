"""A visitor's own network on a page: kept for its session alone, and read in the place of one that ships."""
