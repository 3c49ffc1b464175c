from rnnviz.lessons.rolled.page import page

page()
