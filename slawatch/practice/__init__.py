"""The practice range behind `slawatch demo`: companies on this machine that answer by real mail, each in its own way.

Everything here is made up from a seed and says so. It plays the far side only: it never touches what is measured.
"""
