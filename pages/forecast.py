from rnnviz.lessons.forecast.page import page

page()
