from rnnviz.lessons.lab.page import page

page()
