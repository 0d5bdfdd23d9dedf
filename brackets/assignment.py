"""Rows to columns, one each, at the lowest total cost.

Shortest augmenting paths with prices (the Hungarian method in the form of
Jonker and Volgenant, 1987). Equal totals are always settled the same way,
which a published draw needs and the next version of a library does not promise.
"""

from collections.abc import Callable, Sequence

NOBODY = -1


def cheapest_columns(costs: Callable[[int], Sequence[int]], settled: Sequence[bool]) -> list[int]:
    """The column of each row; there are as many columns as rows.

    `costs` gives what a row costs in every column: whole numbers, not negative. A
    settled row costs nothing in the column of its own number and starts there;
    each of the others takes a time of at most the square of their number.
    """
    assignment = _Assignment(costs, settled)
    for row, done in enumerate(settled):
        if not done:
            assignment.place(row)
    return assignment.column


class _Assignment:
    """No cost is below the price of its row plus that of its column; a row's cost
    in the column it holds is exactly that, which makes the total the lowest."""

    def __init__(self, costs: Callable[[int], Sequence[int]], settled: Sequence[bool]) -> None:
        self.costs = costs
        self.column = [place if done else NOBODY for place, done in enumerate(settled)]
        self.holder = list(self.column)
        self.row_price = [0] * len(settled)
        self.column_price = [0] * len(settled)

    def place(self, start: int) -> None:
        """Give one more row a column, moving others along the cheapest path."""
        unseen, passed = list(range(len(self.column))), list[int]()
        distance, before = self._beyond_price(start), [start] * len(self.column)
        column = min(unseen, key=distance.__getitem__)
        while (row := self.holder[column]) != NOBODY:
            unseen.remove(column)
            passed.append(column)
            beyond, so_far = self._beyond_price(row), distance[column]
            for each in unseen:
                if so_far + beyond[each] < distance[each]:
                    distance[each], before[each] = so_far + beyond[each], row
            column = min(unseen, key=distance.__getitem__)
        self._reprice(start, distance[column], [(each, distance[each]) for each in passed])
        self._move(column, before)

    def _beyond_price(self, row: int) -> list[int]:
        price = self.row_price[row]
        pairs = zip(self.costs(row), self.column_price, strict=True)
        return [cost - price - column_price for cost, column_price in pairs]

    def _reprice(self, start: int, length: int, passed: list[tuple[int, int]]) -> None:
        self.row_price[start] += length
        for column, distance in passed:
            self.column_price[column] -= length - distance
            self.row_price[self.holder[column]] += length - distance

    def _move(self, column: int, before: list[int]) -> None:
        """Everybody on the path takes the column it was reached by; the start had none."""
        while column != NOBODY:
            row = before[column]
            self.holder[column] = row
            self.column[row], column = column, self.column[row]
