# SPDX-License-Identifier: Apache-2.0
"""Publishes any bytes at QoS 1, thousands of payloads a second, over one connection (MQTT 3.1.1)."""
import socket
import time

CONNECT, CONNACK, PUBLISH_QOS_1, PUBACK, DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xE0
MOST_IN_FLIGHT, BATCH_BYTES = 1000, 1 << 16
ACK_BYTES = 4  # of a CONNACK and of a PUBACK


def field(content):
    return len(content).to_bytes(2, "big") + content


def packet(kind, content):
    length, rest = b"", len(content)
    while True:
        length += bytes([rest % 128 | (0x80 if rest >= 128 else 0)])
        rest //= 128
        if rest == 0:
            return bytes([kind]) + length + content


class RawPublisher:
    """Leaves its `with` when the broker has acknowledged everything."""

    def __init__(self, port, client_id):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.batch, self.acks = bytearray(), bytearray()
        self.published = self.acknowledged = 0
        self.socket.sendall(packet(CONNECT, field(b"MQTT") + b"\x04\x02" + bytes(2) + field(client_id.encode())))
        while len(self.acks) < ACK_BYTES:
            self._receive()
        if self.acks != bytes([CONNACK, 2, 0, 0]):
            raise SystemExit(f"the broker refuses the publisher: {self.acks.hex()}")
        self.acks.clear()

    def publish(self, topic, payload):
        self.published += 1
        number = ((self.published - 1) % 65535 + 1).to_bytes(2, "big")
        self.batch += packet(PUBLISH_QOS_1, field(topic.encode()) + number + payload)
        if len(self.batch) >= BATCH_BYTES or self.published - self.acknowledged >= MOST_IN_FLIGHT:
            self.wait_for_acknowledgements(MOST_IN_FLIGHT // 2)

    def wait_for_acknowledgements(self, most_left=0):
        self.socket.sendall(self.batch)
        self.batch.clear()
        while self.published - self.acknowledged > most_left:
            self._receive()
            count = len(self.acks) // ACK_BYTES
            if set(self.acks[:count * ACK_BYTES:ACK_BYTES]) - {PUBACK}:
                raise SystemExit(f"the broker sends something else than PUBACK: {self.acks[:80].hex()}")
            self.acknowledged += count
            del self.acks[:count * ACK_BYTES]

    def _receive(self):
        received = self.socket.recv(1 << 16)
        if not received:
            raise SystemExit("the broker has closed the publisher's connection")
        self.acks += received

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure is None:
            self.wait_for_acknowledgements()
            self.socket.sendall(packet(DISCONNECT, b""))
        self.socket.close()


class Pace:
    """Lets at most `rate` things a second pass."""

    def __init__(self, rate):
        self.rate, self.count, self.began = rate, 0, time.monotonic()

    def wait(self):
        self.count += 1
        ahead = self.began + self.count / self.rate - time.monotonic()
        if ahead > 0.005:
            time.sleep(ahead)
