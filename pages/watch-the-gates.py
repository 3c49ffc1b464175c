from rnnviz.lessons.gates.page import page

page()
