#!/bin/sh
# The launcher of a small lifecycle for tests: runs a process by the name that it is started by,
# or a command line.
for path in /layers/*/*/bin; do
  [ -d "$path" ] && PATH="$path:$PATH"
done
export PATH LAUNCHED=yes
process=/layers/config/processes/${0##*/}
if [ -f "$process" ]; then
  eval "exec $(cat "$process")"
fi
exec "$@"
