from rnnviz.lessons.own.page import page

page()
