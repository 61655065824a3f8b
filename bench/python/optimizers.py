"""Best values that well-known optimizers find on the test functions: the other side of bench/optimizers.mjs.

Reads a job {"runs": [{"method", "budget", "population"?, "problems": [{"name", "d"}], "seeds"}]} as JSON from the file
named first and prints {"versions", "runs": [..., {"best": [[a value per seed] per problem], "seconds": CPU}]}.
"""

import json
import sys
import time
import warnings

import cmaes
import numpy as np
import optuna
import pyswarms
import scipy
import skopt
from optuna.distributions import FloatDistribution
from scipy.optimize import differential_evolution

from test_functions import FUNCTIONS

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


class Spent(Exception):
    pass


class Counted:
    """A test function that remembers its best value and stops the optimizer after `budget` evaluations."""

    def __init__(self, name, d, budget):
        self.f, self.low, self.high = FUNCTIONS[name]
        self.d, self.left, self.best = d, budget, np.inf

    def __call__(self, x):
        if self.left == 0:
            raise Spent
        self.left -= 1
        value = self.f(np.asarray(x, dtype=float))
        self.best = min(self.best, value)
        return value


def swarm(topology):
    def run(f, seed, population):
        np.random.seed(seed)
        bounds = (np.full(f.d, float(f.low)), np.full(f.d, float(f.high)))
        options = {"c1": 0.5, "c2": 0.5, "w": 0.8}
        if topology == "ring":
            # Three neighbours, itself among them.
            optimizer = pyswarms.single.LocalBestPSO(population, f.d, {**options, "k": 3, "p": 2}, bounds)
        else:
            optimizer = pyswarms.single.GlobalBestPSO(population, f.d, options, bounds)
        optimizer.optimize(lambda xs: np.array([f(x) for x in xs]), 10**6, verbose=False)

    return run


def tpe(f, seed, _):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    space = {f"x{j}": FloatDistribution(f.low, f.high) for j in range(f.d)}
    while True:
        trial = study.ask(space)
        study.tell(trial, f([trial.params[name] for name in space]))


def cma(f, seed, _):
    """As Optuna's CmaEsSampler calls it, but for the first mean, a random point as on our side."""
    start = np.random.default_rng(seed).uniform(size=f.d)
    bounds = np.tile([0.0, 1.0], (f.d, 1))
    optimizer = cmaes.CMA(mean=start, sigma=1 / 6, bounds=bounds, seed=seed, n_max_resampling=10 * f.d)
    while True:
        found = []
        for _ in range(optimizer.population_size):
            x = optimizer.ask()
            found.append((x, f(f.low + x * (f.high - f.low))))
        optimizer.tell(found)


def gp(f, seed, _):
    skopt.gp_minimize(f, [(float(f.low), float(f.high))] * f.d, n_calls=10**6, acq_func="EI", random_state=seed)


def evolution(f, seed, population):
    differential_evolution(
        f,
        [(f.low, f.high)] * f.d,
        strategy="rand1bin",
        mutation=0.5,
        recombination=0.9,
        popsize=population / f.d,
        init=np.random.default_rng(seed).uniform(f.low, f.high, (population, f.d)),
        polish=False,
        updating="deferred",
        maxiter=10**6,
        tol=0,
        rng=seed,
    )


METHODS = {
    "pso": swarm("global"),
    "pso-ring": swarm("ring"),
    "tpe": tpe,
    "cma-es": cma,
    "gp-ei": gp,
    "differential-evolution": evolution,
}


def best(method, problem, budget, seed):
    f = Counted(problem["name"], problem["d"], budget)
    try:
        METHODS[method](f, seed, problem.get("population"))
    except Spent:
        pass
    return f.best


with open(sys.argv[1]) as file:
    job = json.load(file)
for run in job["runs"]:
    began = time.process_time()
    run["best"] = [
        [best(run["method"], problem, run["budget"], seed) for seed in range(run["seeds"])]
        for problem in run["problems"]
    ]
    run["seconds"] = round(time.process_time() - began, 1)
    print(f"{run['method']} {run['budget']}: {run['seconds']} s", file=sys.stderr)
modules = [cmaes, np, optuna, pyswarms, scipy, skopt]
versions = {"python": sys.version.split()[0], **{module.__name__: module.__version__ for module in modules}}
print(json.dumps({"versions": versions, "runs": job["runs"]}))
