from rnnviz.lessons.home.page import page

page()
