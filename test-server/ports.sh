# A port that the engine picks is another one after each restart, and everything that was told the old one is wrong. So they're chosen
# here and published by number: from the name, that a server made anew has the ports it had, below the range that Linux takes
# outgoing connections from, and the next three where one of them is in use.

port_is_free() { ! command -v ss >/dev/null || [ -z "$(ss -Htln "sport = :$1")" ]; }

# choose_ports ATTEMPT
choose_ports() {
  sum=$(printf '%s' "$name" | cksum | cut -d ' ' -f 1)
  port=$((20000 + (sum + $1) % 4000 * 3))
  http_port=$((port + 1))
  https_port=$((port + 2))
  port_is_free "$port" && port_is_free "$http_port" && port_is_free "$https_port"
}
