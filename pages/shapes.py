from rnnviz.lessons.shapes.page import page

page()
