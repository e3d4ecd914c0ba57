#!/bin/sh
# The state of each stack has this path: Pulumi makes and removes a test server by it.
exec sh "$(dirname "$0")/../../test-server/test-server.sh" "$@"
