"""Data in and out: rows of the tidy schema, read from files and written to them.

The only room that loads pandas, pyarrow and xlsxwriter, each where it is used. It knows no store and judges nothing.
"""
