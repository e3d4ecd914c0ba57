#!/usr/bin/python3 -IS
"""Bring and renew the certificates of sites. Root runs it, and it touches nothing of a site's account.

    certificates.py install SITE    put into force what lies in the site's folder
    certificates.py obtain SITE     have certbot get or renew the site's certificate
    certificates.py renew           the same for all sites, where it is time: the timer's work
    certificates.py forget SITE     delete what certbot has for the site
    certificates.py close           delete the accounts at authorities, and all that certbot has

A site's folder is FOLDER/SITE (edge/paths.py), which the site's component fills:

    wanted.json        what the stack file wants: see edge/wanted.py
    given.pem          the key and the certificate of the stack, if it has files
    dns.json           the variables of the commands that make records of DNS

This program adds:

    certificate.pem    the key and the certificate that nginx serves
    nginx.conf         what the server block of the site includes
    names.conf         the names that have a certificate, for a map of nginx
    sums               the checksums of these, by which a probe sees what was changed by hand
    state.json         what certbot was asked, and what it answered: see edge/state.py

It prints a line for each change. The code is in edge/ beside this file.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from edge.main import main  # noqa: E402 - found by the line before

del sys.path[0]
sys.exit(main(sys.argv[1:]))
