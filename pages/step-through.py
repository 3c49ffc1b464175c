from rnnviz.lessons.step.page import page

page()
