"""The list of cases. A case is a function that sends something bad and returns what it saw, as one line of text."""
import dataclasses
import typing


@dataclasses.dataclass
class Case:
    """`expected` is what the line must begin with: the status and, where one is promised, the reason."""
    group: str
    sent: str
    expected: str
    function: typing.Callable


CASES = []


def case(group, sent, expected):
    """Puts a function into the list, in the order of the file."""
    def add(function):
        CASES.append(Case(group, sent, expected, function))
        return function
    return add
