#!/usr/bin/python3 -IS
"""Make what Greenpush has in the home of a site's account. Nothing else of root touches what that account owns.

    home.py VERB USER HOME RECORD <DESCRIPTION

The account may swap any folder below its home for a link at any moment. So nothing here uses a path. It opens each
folder from the one before, without following links, and the folder has to belong to root or to that account. It reads,
writes, makes and removes with the account's own rights. Some things only root can repair: who owns a file, and the
group that nginx reads by. For these it uses the open descriptor of an object that belongs to root or the account and
has one name. It reads only regular files, of at most LARGEST bytes. The code is in in_home/ beside this file.

DESCRIPTION has a line for each thing, of tab-separated words:

    directory PATH MODE [GROUP]   a folder; the group is the account's own unless named
    file PATH MODE SOURCE         a file with the content of SOURCE, a path of root's
    link PATH TARGET              a symbolic link
    mode PATH MODE [GROUP]        something that exists
    owned PATH                    a tree that belongs to the account
    shared PATH GROUP             a tree that belongs to the group
    keys PATH SOURCE              an authorized_keys file with the lines of SOURCE, before all others
    setting REPOSITORY KEY VALUE  a setting of a git repository
    repository PATH               a git repository, which is only checked
    head REPOSITORY BRANCH        the branch of its HEAD
    tree REPOSITORY BRANCH        its files, which are those of HEAD
    environment WWW               var/env, a copy of what the live release runs with
    gone PATH                     a tree that an earlier version made and this one removes

VERB is `apply`, `probe` or `undo`. For `undo` the lines are those of the journal in RECORD, the record's folder. It
prints lines: `note TEXT` (a change), `differs TEXT` (drift), `fail WHAT<tab>NEXT`. It exits with UNAVAILABLE if a part
of it is missing.
"""

import os
import sys

UNAVAILABLE = 69

# A probe must write nothing, so this leaves no bytecode. server-engine compiles it.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
try:
    from in_home.main import main  # found by the line before

    del sys.path[0]
    status = main(*sys.argv[1:])
except ImportError:
    status = UNAVAILABLE
sys.exit(status)
