from rnnviz.lessons.glossary.page import page

page()
