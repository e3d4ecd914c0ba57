"""Do what root's script does around `deploy configure NAME`: root.py FILE COMMAND... <TEXT

Run the command with TEXT on its standard input, and store TEXT in FILE when the command says `store`.
"""

import subprocess
import sys

file, *command = sys.argv[1:]
text = sys.stdin.read()
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
child.stdin.write(text)
child.stdin.close()
for line in child.stdout:
    if line == "store\n":
        with open(file, "w", encoding="utf-8") as stored:
            stored.write(text)
    else:
        sys.stdout.write(line)
sys.exit(child.wait())
