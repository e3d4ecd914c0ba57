# A port that the engine picks changes with each restart. So ports are chosen here, and published by number. They come from
# the name, so that a server that is made again has the same ones. They are below the range that Linux uses for outgoing
# connections. If one of the three is in use, the next three are tried.

port_is_free() { ! command -v ss >/dev/null || [ -z "$(ss -Htln "sport = :$1")" ]; }

# choose_ports ATTEMPT
choose_ports() {
  sum=$(printf '%s' "$name" | cksum | cut -d ' ' -f 1)
  port=$((20000 + (sum + $1) % 4000 * 3))
  http_port=$((port + 1))
  https_port=$((port + 2))
  port_is_free "$port" && port_is_free "$http_port" && port_is_free "$https_port"
}
