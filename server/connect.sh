#!/bin/sh
# The state of each stack has this path: Pulumi reaches a server by it.
exec sh "$(dirname "$0")/../components/remote/connect.sh" "$@"
