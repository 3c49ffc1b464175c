"""One place for a whole page: real controls that move a chart, and what the page knows of where the chart is."""
