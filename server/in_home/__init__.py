"""What Greenpush has in the home of a site's account: see home.py beside this folder."""
