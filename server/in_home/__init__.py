"""The code of home.py, which is beside this folder."""
