# SPDX-License-Identifier: Apache-2.0
"""What the Celery worker of peers_celery.py runs: the chain's subtasks, each a task, and the whole chain as one. A
message is JSON text as base64 of zlib between the subtasks too, there as columns and at zlib's level 1, which both cost
less than rows at the default level. No result is kept: the last task of a message pushes how many rows are left onto a
list in Redis, on which the sender waits; with `whole` it pushes the rows."""
import base64
import json
import os
import zlib

import celery
import redis
from sklearn.preprocessing import Normalizer

import peers_pool

URL = os.environ.get("MILLRACE_PEERS_REDIS", "redis://127.0.0.1:6379/0")
ANSWERS = "answers"

app = celery.Celery("peers", broker=URL)
app.conf.update(task_ignore_result=True, task_serializer="json", accept_content=["json"],
                worker_prefetch_multiplier=64)  # as Celery's guide has it for many short tasks
answers = redis.Redis.from_url(URL)


def pack(frame):
    text = json.dumps({name: frame[name].tolist() for name in frame})
    return base64.b64encode(zlib.compress(text.encode(), 1)).decode()


def answer(frame, whole):
    answers.rpush(ANSWERS, pack(frame) if whole else len(frame))


@app.task
def fillna_zeros(packed):
    frame = peers_pool.unpack(packed)
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = frame[numbers].fillna(0)
    return pack(frame)


@app.task
def normalizer(packed):
    frame = peers_pool.unpack(packed)
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = Normalizer().fit_transform(frame[numbers])
    return pack(frame)


@app.task
def drop_duplicates(packed, whole=False):
    answer(peers_pool.unpack(packed).drop_duplicates(), whole)


@app.task
def whole_chain(packed, whole=False):
    answer(peers_pool.preprocessed(packed), whole)


def send_by_task(packed, whole=False):
    celery.chain(fillna_zeros.s(packed), normalizer.s(), drop_duplicates.s(whole)).apply_async()


def send_at_once(packed, whole=False):
    whole_chain.apply_async((packed, whole))
