"""The device's part of a round, around a ClientApp that knows nothing of the air."""

from __future__ import annotations

import math

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MessageType
from flwr.clientapp.typing import ClientAppCallable

from ..errors import ConfigError, PayloadError
from .updates import as_layers, as_record, layers_of, update

#: Name of the record beside a client's own that tells the server what its arrays are.
RECORD = "airloop"


class UpdateMod:
    """Turn a client's new weights into the update that its device sends.

    ```python
    app = ClientApp(mods=[UpdateMod(clip_norm=1.0)])
    ```

    In replies to `train` messages: the arrays become `new - received` in float32; longer updates than `clip_norm` are scaled to it
    (`u min(1, clip_norm/|u|)`, the Euclidean norm over all layers); the device is told to the server by `partition-id` of its node's
    configuration, where it has one. All else passes as it is. It is the last to touch arrays: name it first in `mods`.

    Args:
        clip_norm: bound on the norm, which also bounds a device's energy and, as `privacy.clip_norm`, what a round gives away.
            A metric `air.clipped` then says of each client whether (1) or not (0) it was clipped; Flower averages it.

    Raises:
        ConfigError: the bound is not positive and finite.
    """

    def __init__(self, clip_norm: float | None = None) -> None:
        if clip_norm is not None and not 0.0 < clip_norm < math.inf:
            raise ConfigError(f"clip_norm is {clip_norm}; a positive number is expected, or None")
        self.clip_norm = clip_norm

    def __call__(self, msg: Message, ctxt: Context, call_next: ClientAppCallable) -> Message:
        """Let the ClientApp answer, and return its reply with the update in place of the weights.

        Raises:
            PayloadError: not one ArrayRecord either way, layers of other types, names or shapes, or values that are not finite.
                Flower makes an error reply of it.
        """
        if msg.metadata.message_type.split(".")[0] != MessageType.TRAIN:
            return call_next(msg, ctxt)
        # Read before the app runs: it may write into the arrays of the message.
        start = layers_of(_one(msg, "the message to train"))
        reply = call_next(msg, ctxt)
        if reply.has_error():
            return reply
        row = update(_one(reply, "the ClientApp's reply"), start, "the ClientApp")
        if self.clip_norm is not None:
            norm = float(np.linalg.norm(row.astype(np.float64)))
            for metrics in reply.content.metric_records.values():
                metrics["air.clipped"] = float(norm > self.clip_norm)
            row *= np.float32(min(1.0, self.clip_norm / norm) if norm else 1.0)
        (name,) = reply.content.array_records
        reply.content[name] = as_record(as_layers(row, start))
        reply.content[RECORD] = ConfigRecord({"update": True, **_device(ctxt)})
        return reply


def _one(message: Message, what: str) -> ArrayRecord:
    records = list(message.content.array_records.values())
    if len(records) != 1:
        raise PayloadError(f"{what} holds {len(records)} ArrayRecords; one, the model, is expected")
    return records[0]


def _device(context: Context) -> dict[str, int]:
    number = context.node_config.get("partition-id")
    return {} if number is None else {"device": int(number)}
