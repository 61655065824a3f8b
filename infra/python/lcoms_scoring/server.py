"""Where the Temporal server is, by the same variables as lcoms reads (lib/temporal/address.ts)."""

import os
from pathlib import Path

from temporalio.client import Client
from temporalio.service import TLSConfig

from .errors import ScoringError


async def connect(address: str, namespace: str) -> Client:
    """Raises ScoringError LCOMS_E_TEMPORAL when no server answers, LCOMS_E_FILE for a certificate that can't be read."""
    # The embedded server knows no TLS and must see no key: credentials are of the server that the environment names.
    named = os.environ.get("TEMPORAL_ADDRESS") == address
    key = os.environ.get("TEMPORAL_API_KEY") if named else None
    try:
        return await Client.connect(address, namespace=namespace, api_key=key or None, tls=_tls() if named else False)
    except RuntimeError as error:
        raise ScoringError("LCOMS_E_TEMPORAL", f"no Temporal server answers at {address}") from error


def _tls() -> TLSConfig | bool:
    authority, certificate, key = (
        _read(f"TEMPORAL_TLS_{name}_PATH") for name in ("SERVER_CA_CERT", "CLIENT_CERT", "CLIENT_KEY")
    )
    name = os.environ.get("TEMPORAL_TLS_SERVER_NAME") or None
    if authority or certificate or name:
        pair = {"client_cert": certificate, "client_private_key": key} if certificate and key else {}
        return TLSConfig(server_root_ca_cert=authority, domain=name, **pair)
    return os.environ.get("TEMPORAL_TLS", "").lower() in ("1", "true") or bool(os.environ.get("TEMPORAL_API_KEY"))


def _read(variable: str) -> bytes | None:
    file = os.environ.get(variable)
    if not file:
        return None
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ScoringError("LCOMS_E_FILE", f"{variable} names a file that can't be read: {file}") from error
