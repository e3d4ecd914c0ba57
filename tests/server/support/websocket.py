"""A client of WebSockets: what a browser does, and no more."""

import base64
import contextlib
import os
import socket
import struct

TEXT, CLOSE = 1, 8


class WebSocket:
    """Open on a unix socket once it is made."""

    def __init__(self, path, url="/chat", seconds=20):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(seconds)
        self.connection.connect(path)
        key = base64.b64encode(os.urandom(16)).decode()
        self.connection.sendall(
            f"GET {url} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.read = b""
        while b"\r\n\r\n" not in self.read:
            self.more()
        head, _, self.read = self.read.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def more(self):
        part = self.connection.recv(65536)
        if not part:
            raise ConnectionResetError("the connection was cut without a close frame")
        self.read += part

    def send(self, text, kind=TEXT):
        data, mask = text if isinstance(text, bytes) else text.encode(), os.urandom(4)
        masked = bytes(each ^ mask[at % 4] for at, each in enumerate(data))
        self.connection.sendall(bytes([0x80 | kind, 0x80 | len(data)]) + mask + masked)

    def receive(self):
        """The next text, or the code of a close frame, which is answered. Some servers don't wait for the answer."""
        while len(self.read) < 2 or len(self.read) < 2 + self.read[1]:
            self.more()
        kind, length = self.read[0] & 15, self.read[1]
        data, self.read = self.read[2 : 2 + length], self.read[2 + length :]
        if kind == CLOSE:
            with contextlib.suppress(BrokenPipeError):
                self.send(data[:2], CLOSE)
            return struct.unpack("!H", data[:2])[0]
        return data.decode()

    def ask(self, text):
        self.send(text)
        return self.receive()

    def close(self):
        self.connection.close()
