"""Calculators as the configuration names them: made once, with an identity that changes when their energies may."""

import hashlib
import importlib
import importlib.metadata
import json
from typing import Any

from .config import CalculatorConfig
from .errors import ScoringError, one_line


class ServedCalculator:
    """One calculator of the configuration."""

    def __init__(self, config: CalculatorConfig):
        self.config = config
        self._make = _maker(config)
        self._calculator = None
        self.identity = _identity(config)

    def get(self) -> Any:
        """The ASE calculator. Raises ScoringError LCOMS_E_CONFIG when it can't be made."""
        if self._calculator is None or self.config.fresh:
            try:
                self._calculator = self._make(**self.config.arguments)
            except Exception as error:
                raise ScoringError("LCOMS_E_CONFIG", f"calculator {self.config.name}: {one_line(error)}") from error
        return self._calculator


class Calculators:
    """The calculators of a worker, each made when it is first asked for."""

    def __init__(self, configs: dict[str, CalculatorConfig], source: str):
        self._configs = configs
        self._source = source
        self._served: dict[str, ServedCalculator] = {}

    def open(self, name: str) -> ServedCalculator:
        """Raises ScoringError: LCOMS_E_PLUGIN_OPTIONS for a name that is not served, or what making it raises."""
        config = self._configs.get(name)
        if config is None:
            known = ", ".join(sorted(self._configs))
            message = f'the Python worker serves no calculator "{name}"; its file {self._source} names {known}'
            raise ScoringError("LCOMS_E_PLUGIN_OPTIONS", message)
        if name not in self._served:
            served = ServedCalculator(config)
            served.get()
            self._served[name] = served
        return self._served[name]


def _maker(config: CalculatorConfig) -> Any:
    try:
        return getattr(importlib.import_module(config.module), config.attribute)
    except ModuleNotFoundError as error:
        package = (error.name or config.module).split(".")[0]
        message = f"calculator {config.name} needs the Python package {package}, which the worker's Python does not have"
        raise ScoringError("LCOMS_E_TOOL_MISSING", message) from error
    except (ImportError, AttributeError) as error:
        raise ScoringError("LCOMS_E_CONFIG", f"calculator {config.name}: {one_line(error)}") from error


def _identity(config: CalculatorConfig) -> dict[str, str | None]:
    """Name, versions of the calculator and of ASE, arguments by digest, weights by digest."""
    ase = importlib.metadata.version("ase")
    package = config.module.split(".")[0]
    parts = [] if package == "ase" and config.version is None else [f"{package} {config.version or _version(package)}"]
    parts.append(f"ase {ase}")
    if config.arguments:
        parts.append(f"arguments {_digest(json.dumps(config.arguments, sort_keys=True).encode())[:8]}")
    weights = None
    if config.weights is not None:
        try:
            weights = _digest(config.weights.read_bytes())
        except OSError as error:
            message = f"the weights of calculator {config.name} can't be read: {config.weights}: {error.strerror}"
            raise ScoringError("LCOMS_E_FILE", message) from error
    return {"name": f"ase/{config.name}", "version": ", ".join(parts), "weights": weights}


def _version(package: str) -> str:
    for distribution in importlib.metadata.packages_distributions().get(package, [package]):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

