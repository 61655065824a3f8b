"""The file that says which calculators a worker serves (calculators.toml)."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import ScoringError

DEFAULT_FILE = Path(__file__).with_name("calculators.toml")
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class CalculatorConfig:
    """One table of the file; calculators.toml says what its members mean."""

    name: str
    module: str
    attribute: str
    arguments: dict[str, Any] = field(default_factory=dict)
    elements: tuple[str, ...] | None = None
    weights: Path | None = None
    version: str | None = None
    time_limit: float = 3600.0
    fresh: bool = False


def read_config(file: Path = DEFAULT_FILE) -> dict[str, CalculatorConfig]:
    """The calculators by name. Raises ScoringError naming the file, the table and what is valid."""
    try:
        tables = tomllib.loads(file.read_text())
    except OSError as error:
        raise ScoringError("LCOMS_E_FILE", f"{file} can't be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ScoringError("LCOMS_E_CONFIG", f"{file}: {error}") from error
    if not tables:
        raise ScoringError("LCOMS_E_CONFIG", f"{file} names no calculator")
    return {name: _calculator(file, name, table) for name, table in tables.items()}


# Member of a table -> its type in the file.
MEMBERS = {
    "import": str,
    "arguments": dict,
    "elements": str,
    "weights": str,
    "version": str,
    "time-limit": (int, float),
    "fresh": bool,
}


def _calculator(file: Path, name: str, table: Any) -> CalculatorConfig:
    def wrong(what: str) -> ScoringError:
        return ScoringError("LCOMS_E_CONFIG", f"{file} -> {name}: {what}")

    if not NAME.fullmatch(name):
        raise wrong("a name has lower-case letters, digits and hyphens")
    if not isinstance(table, dict):
        raise wrong("write a table, [name] and its members")
    for member, value in table.items():
        if member not in MEMBERS:
            raise wrong(f'unknown member "{member}"; the members are {", ".join(MEMBERS)}')
        if not isinstance(value, MEMBERS[member]):
            raise wrong(f"{member} is {value!r}, which is of the wrong type")
    module, _, attribute = table.get("import", "").partition(":")
    if not module or not attribute:
        raise wrong('import must be "module:name"')
    limit = table.get("time-limit", 3600)
    if not limit > 0:
        raise wrong("time-limit must be positive, in seconds")
    return CalculatorConfig(
        name=name,
        module=module,
        attribute=attribute,
        arguments=table.get("arguments", {}),
        elements=tuple(table["elements"].split()) if "elements" in table else None,
        weights=_weights(file, table["weights"], wrong) if "weights" in table else None,
        version=table.get("version"),
        time_limit=float(limit),
        fresh=table.get("fresh", False),
    )


def _weights(file: Path, given: str, wrong) -> Path:
    package, colon, inside = given.partition(":")
    if not colon:
        return file.parent / given
    try:
        return Path(str(files(package))) / inside
    except ModuleNotFoundError as error:
        raise wrong(f"the package {package} of its weights is not installed") from error
