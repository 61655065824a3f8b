"""Errors that lcoms shows: a code of its catalogue (schemas/errors.ts) and a message."""


class ScoringError(Exception):
    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message

    def record(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


def one_line(error: BaseException) -> str:
    """Type and first line of any exception."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
