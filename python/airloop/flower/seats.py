"""Which device of the air a node is: the same in every round."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PayloadError


class Seats:
    """Numbers of nodes.

    A node that says its number (`UpdateMod`) has it. Others get the lowest free numbers when they first answer, nodes of one round
    in ascending order of their ids. Once given, a number stays.

    Args:
        devices: how many numbers there are; without end for `None`.
    """

    def __init__(self, devices: int | None = None) -> None:
        self._devices = devices
        self._numbers: dict[int, int] = {}

    def numbers(self, nodes: Mapping[int, int | None]) -> dict[int, int]:
        """Return the number of each node of a round, given what it says itself.

        Raises:
            PayloadError: two nodes say the same, a node says another number than before, or there are more nodes than devices.
        """
        numbers = dict(self._numbers)
        for node in sorted(nodes, key=lambda node: (nodes[node] is None, node)):
            number = nodes[node]
            if number is None:
                number = numbers.get(node, next(i for i in range(len(numbers) + 1) if i not in numbers.values()))
            if numbers.get(node, number) != number:
                raise PayloadError(f"node {node} says that it is device {number}; it was device {numbers[node]} before")
            holder = next((other for other, held in numbers.items() if held == number and other != node), None)
            if holder is not None:
                raise PayloadError(f"node {node} says that it is device {number}, which node {holder} is")
            if self._devices is not None and not 0 <= number < self._devices:
                raise PayloadError(f"node {node} would be device {number}; the air has devices 0 to {self._devices - 1}")
            numbers[node] = number
        self._numbers = numbers
        return {node: numbers[node] for node in nodes}
