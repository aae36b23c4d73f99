# SPDX-License-Identifier: Apache-2.0
"""A publisher that costs next to nothing: QoS 0 publications made before, sent over a bare socket as fast as the broker
takes them. Any client that makes them meanwhile would be measured with what it sends them to."""
import itertools
import socket
import struct
import subprocess

CONNECT, CONNACK, PUBLISH, DISCONNECT = 0x10, b"\x20\x02\0\0", 0x30, b"\xe0\0"


def text(words):
    return struct.pack("!H", len(words)) + words.encode()


def packet(kind, body):
    size, length = len(body), b""
    while size >= 128:
        length += bytes([size % 128 | 128])
        size //= 128
    return bytes([kind]) + length + bytes([size]) + body


class Burst:
    """`rows` of the generator as JSON lines, `rows_per_payload` in each publication."""

    def __init__(self, millrace, topic, rows, rows_per_payload):
        self.publications, self.stream = 0, bytearray()
        command = [millrace, "generate", "--rows", str(rows), "--duplicates", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as generator:
            while payload := b"".join(itertools.islice(generator.stdout, rows_per_payload)):
                self.stream += packet(PUBLISH, text(topic) + payload)
                self.publications += 1

    def send(self, port):
        with socket.create_connection(("127.0.0.1", port)) as broker:
            broker.sendall(packet(CONNECT, text("MQTT") + bytes([4, 2]) + struct.pack("!H", 0) + text("")))
            if broker.recv(4) != CONNACK:
                raise SystemExit("the broker refuses the publisher")
            broker.sendall(self.stream)
            broker.sendall(DISCONNECT)
            while broker.recv(1):
                pass
