#!/usr/bin/python3 -IS
"""What Greenpush has in the home of a site's account: the one place where root's scripts touch what that account owns.

    home.py VERB USER HOME RECORD <DESCRIPTION

The account may swap any folder below its home for a link at any moment. So nothing here goes by a path: each folder is
opened from the one before, without following links, and has to belong to root or to that account; what is read,
written, made or removed is so with the account's own rights; and where only root can mend something (who owns a file,
the group that nginx reads by) it acts on the open descriptor of an object of root's or the account's own that has one
name.
What is read has to be a regular file, of at most LARGEST bytes. in_home/ beside this file is what does all that.

DESCRIPTION has a line for each thing, of tab-separated words:

    directory PATH MODE [GROUP]   a folder; the group is the account's own unless named
    file PATH MODE SOURCE         a file with the content of SOURCE, a path of root's
    link PATH TARGET              a symbolic link
    mode PATH MODE [GROUP]        something that is there
    owned PATH                    a tree of which all belongs to the account
    shared PATH GROUP             a tree of which all belongs to the group
    keys PATH SOURCE              an authorized_keys file with the lines of SOURCE, before all others
    setting REPOSITORY KEY VALUE  a setting of a git repository
    repository PATH               a git repository, which is only looked for
    head REPOSITORY BRANCH        the branch of its HEAD
    tree REPOSITORY BRANCH        its files, which are those of HEAD
    environment WWW               var/env, a copy of what the live release runs with
    gone PATH                     a tree that an earlier version made and this one does not

VERB is `apply`, `probe` or `undo`; then a line is one of the journal in RECORD, the record's folder. What there is to
tell is printed, a line each: `note TEXT` (was changed), `differs TEXT` (is not as it was left), `fail WHAT<tab>NEXT`.
It ends with UNAVAILABLE where a part of it is missing.
"""

import os
import sys

UNAVAILABLE = 69

# Who only looks leaves no bytecode; the component that brings this compiles it.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
try:
    from in_home.main import main  # the line before makes it found

    del sys.path[0]
    status = main(*sys.argv[1:])
except ImportError:
    status = UNAVAILABLE
sys.exit(status)
