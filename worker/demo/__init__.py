"""A sample institute that Pubcat can harvest without leaving the machine.

``papers.json`` holds facts about real machine-learning papers (titles, authors, years, venues, identifiers) with
abstracts written for this sample; one withdrawn note, marked ``sample``, is invented. ``institute`` shows these
facts the way four sources would, with the disagreements real sources have; ``api`` answers queries over them as
OpenAlex and OpenReview do; ``server`` puts everything behind HTTP on the loopback address.
"""
