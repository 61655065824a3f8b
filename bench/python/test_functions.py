"""The test functions of bench/test-functions.mjs."""

import numpy as np


def sphere(x):
    return float(np.sum(x * x))


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def rastrigin(x):
    return float(10 * len(x) + np.sum(x * x - 10 * np.cos(2 * np.pi * x)))


def ackley(x):
    root = np.sqrt(np.mean(x * x))
    return float(-20 * np.exp(-0.2 * root) - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20 + np.e)


def branin(v):
    x, y = v[0] - 5, v[1]
    bowl = y - 5.1 / (4 * np.pi**2) * x * x + 5 / np.pi * x - 6
    return float(bowl**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)


FUNCTIONS = {
    "sphere": (sphere, -3, 7),
    "rosenbrock": (rosenbrock, -2.048, 2.048),
    "rastrigin": (rastrigin, -4, 6),
    "ackley": (ackley, -20, 44),
    "branin": (branin, 0, 15),
}
