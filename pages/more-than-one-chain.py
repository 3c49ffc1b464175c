from rnnviz.lessons.chains.page import page

page()
