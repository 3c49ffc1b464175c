"""What makes files of the project: the pictures of its README and of its pages, and what its presets reach."""
