from rnnviz.lessons.attention.page import page

page()
