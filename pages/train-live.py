from rnnviz.lessons.train.page import page

page()
