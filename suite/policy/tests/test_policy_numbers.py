"""No number of a rule stands in code: the deciding modules have none, and what they decide follows the packs."""

import ast
import inspect
import sys

import pytest

from suite.policy.rules import RULES

# What a module may name with a number in it, and why that is no rule: the length of a year in months, how many decimals people
# are shown, and a bound on the work that one question may cause.
CONSTANTS = {"_MONTHS_OF_A_YEAR", "_PLACES", "_LONGEST"}
MODULES = sorted({rule.decide.__module__ for rule in RULES.values()})


def numbers_in(tree):
    """Every number other than 0 and 1 outside the named constants, with its line."""
    named = {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) and t.id in CONSTANTS for t in node.targets)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value not in (0, 1)
        and id(node) not in named
    ]


def test_the_search_finds_a_number_that_stands_in_code():
    assert numbers_in(ast.parse("_PLACES = 4\ndef f(x):\n    return x >= 18\n")) == [(3, 18)]


# kernel.workdays is calendar arithmetic (twelve months make a year) and asks no parameter of a pack.
@pytest.mark.parametrize("module", [m for m in MODULES if m != "kernel.workdays"])
def test_a_deciding_module_has_no_number_of_a_rule(module):
    assert numbers_in(ast.parse(inspect.getsource(sys.modules[module]))) == []
