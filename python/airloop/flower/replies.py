"""What the clients of a round returned, as what their devices send."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flwr.app import Message
from numpy.typing import NDArray

from ..errors import PayloadError
from .update_mod import RECORD
from .updates import Row, update


@dataclass(frozen=True)
class Sent:
    """What one client sends.

    Attributes:
        reply: its message.
        row: N values.
        weight: what it counts in a weighted mean.
        device: its own word on which device it is.
    """

    reply: Message
    row: Row
    weight: float
    device: int | None


def answered(replies: Sequence[Message]) -> list[Message]:
    """Return the replies without errors.

    Raises:
        PayloadError: none is, so that nothing is on the air.
    """
    good = [reply for reply in replies if not reply.has_error()]
    if not good:
        reasons = "; ".join(sorted({str(reply.error.reason) for reply in replies if reply.has_error()}))
        found = f"{len(replies)} error replies ({reasons})" if replies else "no reply in time"
        raise PayloadError(f"no client sends in this round: {found}; one reply with arrays at least is expected")
    return good


def sent(reply: Message, start: Mapping[str, NDArray[np.floating]], weighted_by_key: str) -> Sent:
    """Return what a client sends, given the layers that it began from.

    Raises:
        PayloadError: not one ArrayRecord and one MetricRecord, an update that the air cannot add, or a weight that is no positive
            number.
    """
    who, content = f"node {reply.metadata.src_node_id}", reply.content
    for records, kind in ((content.array_records, "ArrayRecord"), (content.metric_records, "MetricRecord")):
        if len(records) != 1:
            raise PayloadError(f"{who} returned {len(records)} records of type {kind}; one is expected")
    (arrays,), (metrics,) = content.array_records.values(), content.metric_records.values()
    weight = metrics.get(weighted_by_key)
    if not isinstance(weight, (int, float)) or not 0.0 < weight < math.inf:
        raise PayloadError(f"{who}: the metric {weighted_by_key!r} is {weight}; a positive number is expected")
    told = content.config_records.get(RECORD, {})
    device = told.get("device")
    return Sent(reply, update(arrays, start, who, bool(told.get("update", False))), float(weight), device)
