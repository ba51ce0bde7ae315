"""Keeps a trading bot's state in its strategy's database (Turso, libSQL) over plain HTTP.

One file, standard library only, Python 3.9 or newer. Copy it next to the bot:

    with Store.from_env() as store:              # TURSO_DB_URL, TURSO_AUTH_TOKEN
        legs = [Leg("NIFTY24DEC24000CE", 24000, "CE", quantity=-75, entry_price=101.35)]
        store.open_position(legs, margin_change=-110_000)
        store.close_position([leg.id for leg in legs], [55.1], "EXPIRY", margin_change=110_000 + 3_468.75)

An exit is for `EXPIRY`, `STOP_LOSS_LEG` or `DAILY_SL_EXIT`; what it changes of the margin is what comes back and the P&L.

**Quantity.** In `active_positions` it is signed: positive for a long (bought) leg, negative for a short (sold) one.
In `trade_logs` it is always positive, and `action` says BUY or SELL. A leg is closed whole.

**P&L** of a leg is `(exit price - entry price) * signed quantity`, in the currency that the bot trades in, computed by
the database from the stored entry price and rounded to four decimals: with prices of up to four decimals that is
the float nearest to the exact result, without the dust of binary fractions. Free margin is rounded alike.

**Times** are UTC by the server's clock, as text: `2026-11-22 09:20:05`.

**Floats travel as text**, because the server's JSON parser changes the last digit of some. A column declared REAL turns
the text back into the same float when it is stored, and a plain comparison with such a column
(`WHERE entry_price > ?`) does too. Anywhere else SQLite would keep a text, which is greater than every number: write
`CAST(? AS REAL)` in expressions (`WHERE quantity * entry_price > CAST(? AS REAL)`), in function arguments, in
a `SELECT ?`, and for columns without a type. The SQL that you hand in is never rewritten.

**Retries.** What the server cannot have acted on (no connection, 429) is always sent again, with back-off. After a lost
reply, a timeout or a 5xx nobody knows whether it acted: the trader's verbs are made so that sending them again adds
nothing twice; `execute` and `batch` are only sent again when the caller says `idempotent=True`, else they raise
a `StoreError` whose `outcome_unknown` is true.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, TypeVar, Union

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from http.client import HTTPConnection, HTTPResponse
    from socket import socket

__all__ = ["Capital", "ExitReason", "Leg", "Position", "Result", "Statement", "Store", "StoreError", "Trade", "Value"]

Value = Union[None, bool, int, float, str, bytes]
"""What an argument may be. Booleans are stored as 1 and 0, integers have 64 bits, NaN and infinities are refused."""

Arguments = Union[Sequence[Value], Mapping[str, Value]]
"""A list or tuple for `?`, a dict for `:name`."""

Statement = Union[str, tuple[str, Arguments]]
"""SQL alone, or SQL with its arguments."""

ExitReason = Literal["STOP_LOSS_LEG", "DAILY_SL_EXIT", "EXPIRY"]
"""Why a leg was closed."""

_Decoded = TypeVar("_Decoded")
_EXIT_REASONS = ("STOP_LOSS_LEG", "DAILY_SL_EXIT", "EXPIRY")
_LONGEST_BACKOFF = 10.0
_HINTS = {
    "ENV_MISSING": "strat create keeps both variables in .env.NAME, and strat env NAME prints them.",
    "HTTP_400": "If the token is named: it is malformed; strat env NAME makes a new one.",
    "HTTP_401": "The token is wrong, expired or revoked: strat env NAME makes a new one.",
    "HTTP_403": "The token does not allow this; it may be read-only.",
    "HTTP_404": "No such database at TURSO_DB_URL, or the token is another database's.",
    "BLOCKED": "A quota is spent, the database's reads or writes are blocked, or the token is read-only.",
    "SQLITE_AUTH": "The token does not allow this on that table.",
}


class StoreError(Exception):
    """What went wrong, with the server's own words. It never holds the token.

    `code` is the server's (`SQLITE_CONSTRAINT`, `BLOCKED`, …), `HTTP_<status>`, or the store's: `ENV_MISSING`,
    `URL_INVALID`, `TOKEN_INVALID`, `VALUE_INVALID`, `UNREACHABLE`, `TIMEOUT`, `CONNECTION_LOST`, `ANSWER_INVALID`,
    `LEG_CLOSED`. `statement` is the index of the statement that failed, `status` the HTTP status if there was
    one. `outcome_unknown` is true when the request may have been carried out: look before you send it again.
    """

    def __init__(
        self,
        message: str,
        code: str,
        *,
        statement: Optional[int] = None,
        status: Optional[int] = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code
        self.statement = statement
        self.status = status
        self.outcome_unknown = outcome_unknown

    def __str__(self) -> str:
        place = "" if self.statement is None else f" (statement {self.statement})"
        unknown = " It may have been carried out: look before you send it again." if self.outcome_unknown else ""
        hint = f" {_HINTS[self.code]}" if self.code in _HINTS else ""
        return f"{self.code}: {self.message}{place}{unknown}{hint}"


class Result(NamedTuple):
    """What one statement answered. `last_insert_rowid` is None unless it inserted."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    affected_row_count: int
    last_insert_rowid: Optional[int]

    def dicts(self) -> list[dict[str, Any]]:
        """The rows by column name; of columns with the same name the last one stays."""
        return [dict(zip(self.columns, row)) for row in self.rows]


class Capital(NamedTuple):
    """The newest row of `portfolio_state`, in the currency that the bot trades in."""

    capital_allocated: float
    free_margin: float
    daily_stop_loss: float
    updated_at: str


class Leg:
    """One leg to open: one contract, bought (quantity > 0) or sold (quantity < 0).

    `symbol` should name the contract, as `trade_logs` has no strike. The id is made here, once: handing the same leg to
    `open_position` again, even in another process, adds nothing. So make new legs for each new position.
    """

    def __init__(
        self,
        symbol: str,
        strike: float,
        option_type: Literal["CE", "PE"],
        quantity: int,
        entry_price: float,
        stop_loss: Optional[float] = None,
        target_price: Optional[float] = None,
        id: Optional[str] = None,
    ) -> None:
        self.symbol = symbol
        self.strike = strike
        self.option_type = option_type
        self.quantity = quantity
        self.entry_price = entry_price
        self.stop_loss = stop_loss
        self.target_price = target_price
        self.id = _new_id() if id is None else id

    def __repr__(self) -> str:
        return f"Leg({self.symbol!r}, {self.strike!r}, {self.option_type!r}, {self.quantity!r}, {self.entry_price!r}, id={self.id!r})"


class Position(NamedTuple):
    """One open leg: a row of `active_positions`. `quantity` is negative for a short leg."""

    id: str
    symbol: str
    strike: float
    option_type: str
    quantity: int
    entry_price: float
    stop_loss: Optional[float]
    target_price: Optional[float]
    entry_time: str


class Trade(NamedTuple):
    """One execution: a row of `trade_logs`. `quantity` is positive; `pnl` is None on an ENTRY."""

    id: str
    timestamp: str
    symbol: str
    action: str
    quantity: int
    price: float
    execution_reason: str
    pnl: Optional[float]


class Store:
    """A strategy's database. One kept-alive connection, opened with the first request; threads take turns on it."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 15.0,
        attempts: int = 5,
        backoff: float = 0.25,
        longest_wait: float = 60.0,
    ) -> None:
        """Remembers where the database is; sends nothing yet.

        `timeout`: seconds to wait for a connection and for each part of an answer; above 5, as a server may wait that
        long for another writer. `attempts`: how often a request is sent at most. `backoff`: seconds before the second
        attempt, doubled for each later one up to 10, with jitter. A `Retry-After` above `longest_wait` seconds is not
        waited for. Raises `StoreError` with `URL_INVALID` or `TOKEN_INVALID`.
        """
        from threading import Lock

        self._secure, self._host, self._port, self._path = _parse_url(url)
        self._token = _Token(token)
        self._timeout = timeout
        self._attempts = attempts
        self._backoff = backoff
        self._longest_wait = longest_wait
        self._sleep: Callable[[float], object] = time.sleep
        self._lock = Lock()
        self._connection: Optional[HTTPConnection] = None

    @classmethod
    def from_env(cls, *, timeout: float = 15.0) -> Store:
        """The store that `TURSO_DB_URL` and `TURSO_AUTH_TOKEN` name. Raises `StoreError` with `ENV_MISSING`."""
        return cls(_variable("TURSO_DB_URL"), _variable("TURSO_AUTH_TOKEN"), timeout=timeout)

    def __repr__(self) -> str:
        return f"Store({'https' if self._secure else 'http'}://{self._host}:{self._port})"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; a later request opens a new one."""
        with self._lock:
            self._disconnect()

    # The trader's verbs

    def capital(self) -> Optional[Capital]:
        """The newest row of `portfolio_state`; None where there is none yet."""
        rows = self.execute(_CAPITAL, idempotent=True).rows
        return Capital(*rows[0]) if rows else None

    def positions(self) -> list[Position]:
        """Every open leg, oldest first."""
        return [Position(*row) for row in self.execute(_POSITIONS, idempotent=True).rows]

    def trades_today(self, tz: Union[str, tzinfo] = "Asia/Kolkata", *, now: Optional[datetime] = None) -> list[Trade]:
        """Every trade of the calendar day that it is in the time zone `tz` (by this machine's clock), oldest first."""
        result = self.execute(_TRADES_BETWEEN, _day(tz, now), idempotent=True)
        return [Trade(*row) for row in result.rows]

    def open_position(self, legs: Sequence[Leg], *, margin_change: Optional[float] = None) -> list[Trade]:
        """Opens all legs or none, in one request; answers their ENTRY trades, in the order of the legs.

        Writes a row of `active_positions` and a row of `trade_logs` for each leg, both under the leg's id, and, with
        `margin_change` (negative when margin is taken), a new row of `portfolio_state`. Legs that are open already are
        left as they are. Raises `LEG_CLOSED` for a leg that was opened before and has been closed since.
        """
        for leg in legs:
            _check_leg(leg)
        ids = _check_ids([leg.id for leg in legs])
        statements: list[Statement] = [_insert_position(leg) for leg in legs]
        if margin_change is not None:
            statements.append(_change_margin(margin_change, f"NOT EXISTS (SELECT 1 FROM trade_logs WHERE id IN ({_marks(ids)}))", ids))
        statements += [_insert_entry(leg) for leg in legs]
        statements += [_select_trades(ids), (f"SELECT id FROM active_positions WHERE id IN ({_marks(ids)})", ids)]
        results = self.batch(statements, idempotent=True)
        _check_open(ids, {row[0] for row in results[-1].rows})
        return _trades_in_order(results[-2], ids)

    def close_position(
        self,
        leg_ids: Sequence[str],
        prices: Sequence[float],
        reason: ExitReason,
        *,
        margin_change: Optional[float] = None,
    ) -> list[Trade]:
        """Closes the legs at these prices, in one request; answers their exit trades with P&L, in the order of the ids.

        Writes a row of `trade_logs` for each leg and deletes its row of `active_positions`. A leg that was closed before
        is left as it was: the answer holds the trade that closed it first. A leg that was never open has none. With
        `margin_change` (positive when margin is released) and at least one leg still open, a new row of
        `portfolio_state` is written.
        """
        ids = _check_ids(leg_ids)
        _check_exit(ids, prices, reason)
        statements: list[Statement] = []
        if margin_change is not None:
            statements.append(_change_margin(margin_change, f"EXISTS (SELECT 1 FROM active_positions WHERE id IN ({_marks(ids)}))", ids))
        for leg_id, price in zip(ids, prices):
            statements += [_insert_exit(leg_id, price, reason), ("DELETE FROM active_positions WHERE id = ?", [leg_id])]
        exit_ids = [_exit_id(leg_id) for leg_id in ids]
        statements.append(_select_trades(exit_ids))
        return _trades_in_order(self.batch(statements, idempotent=True)[-1], exit_ids)

    # SQL

    def execute(self, sql: str, args: Arguments = (), *, idempotent: bool = False) -> Result:
        """Executes one statement. `idempotent`: sending it twice does no harm, so it may be retried after a lost reply."""
        request = {"type": "execute", "stmt": _encode_statement((sql, args))}
        return self._request(request, _decode_result, idempotent)

    def batch(self, statements: Sequence[Statement], *, idempotent: bool = False) -> list[Result]:
        """Executes all statements in one transaction and one request, or none of them; one result for each.

        There must be no BEGIN, COMMIT or ROLLBACK among them. The error of a statement has its index.
        """
        if not statements:
            return []
        request = {"type": "batch", "batch": {"steps": _transaction([_encode_statement(each) for each in statements])}}
        return self._request(request, _decode_batch, idempotent)

    # HTTP

    def _request(self, request: dict[str, Any], decode: Callable[[dict[str, Any]], _Decoded], idempotent: bool) -> _Decoded:
        """What the server answers to one request of a pipeline, decoded. Raises its error."""
        import json

        body = json.dumps({"requests": [request, {"type": "close"}]}, separators=(",", ":")).encode()
        result = self._post(body, idempotent)["results"][0]
        try:
            if result["type"] == "error":
                raise _server_error(result["error"], 0 if request["type"] == "execute" else None)
            return decode(result["response"]["result"])
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise StoreError("The answer is not a database's; is TURSO_DB_URL right?", "ANSWER_INVALID", outcome_unknown=True) from None

    def _post(self, body: bytes, idempotent: bool) -> dict[str, Any]:
        """Sends the pipeline until it is answered, cannot be retried, or the attempts are used up."""
        attempt, outcome_unknown = 0, False
        while True:
            attempt += 1
            answer = self._attempt(body)
            if not isinstance(answer, _Failure):
                return answer
            outcome_unknown = outcome_unknown or answer.maybe_applied
            wait = self._wait(answer, attempt)
            retry = answer.transient and (idempotent or not answer.maybe_applied) and wait <= self._longest_wait
            if not retry or attempt >= self._attempts:
                raise StoreError(answer.message, answer.code, status=answer.status, outcome_unknown=outcome_unknown)
            self._sleep(wait)

    def _wait(self, failure: _Failure, attempt: int) -> float:
        """Seconds before the next attempt: what the server asks for, or exponential back-off, with jitter."""
        from random import uniform

        backoff = min(self._backoff * 2.0 ** (attempt - 1), _LONGEST_BACKOFF)
        return uniform(backoff / 2, backoff) if failure.retry_after is None else failure.retry_after + uniform(0, self._backoff)

    def _attempt(self, body: bytes) -> Union[dict[str, Any], _Failure]:
        """Sends the pipeline once. Failures are answered, not raised: no exception may drag the header along."""
        from http.client import HTTPException

        with self._lock:
            try:
                connection = self._connect()
            except OSError as error:
                return _unreachable(error, self._host)
            finished = False
            try:
                connection.request("POST", self._path, body, {"Authorization": self._token.header(), "Content-Type": "application/json"})
                response = connection.getresponse()
                content = response.read()
                finished = True
            except (OSError, HTTPException) as error:
                return _lost(error)
            finally:
                if not finished:
                    self._disconnect()
        return _read_answer(response, content, self._token)

    def _connect(self) -> HTTPConnection:
        """The connection, open. One that the server has closed meanwhile is replaced before anything is sent on it."""
        from http.client import HTTPConnection, HTTPSConnection

        if self._connection is None:
            kind = HTTPSConnection if self._secure else HTTPConnection
            self._connection = kind(self._host, self._port, timeout=self._timeout)
        if self._connection.sock is not None and _is_dropped(self._connection.sock):
            self._connection.close()
        if self._connection.sock is None:
            self._connection.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Token:
    """Holds the database token so that no repr, traceback or debugger's list of locals shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text or not all("!" <= character <= "~" for character in text):
            raise StoreError("The database token must be one word of printable ASCII characters.", "TOKEN_INVALID")
        self._text = text

    def __repr__(self) -> str:
        return "<database token>"

    def header(self) -> str:
        return f"Bearer {self._text}"

    def redact(self, text: str) -> str:
        return text.replace(self._text, "<database token>")


class _Failure(NamedTuple):
    """A request without a usable answer. `maybe_applied`: the server may have acted on it all the same."""

    message: str
    code: str
    transient: bool
    maybe_applied: bool
    status: Optional[int] = None
    retry_after: Optional[float] = None


# Where the database is


def _variable(name: str) -> str:
    """A variable of the environment, without the line break that secrets often end in."""
    import os

    value = os.environ.get(name, "").strip()
    if not value:
        state = "empty" if name in os.environ else "not set"
        raise StoreError(f"The environment variable {name} is {state}; the store needs it to find the database.", "ENV_MISSING")
    return value


def _parse_url(url: str) -> tuple[bool, str, int, str]:
    """Whether it is https, the host, the port, and the path to post to. No message repeats a query: it may hold a token."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts = None
    if parts is None or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise StoreError("The database URL is not a URL; it should read https://HOST.", "URL_INVALID")
    if parts.scheme in ("libsql", "wss", "ws"):
        raise StoreError(f"The database URL begins with {parts.scheme}://; over HTTP it is {'http' if _is_local(host) else 'https'}://{parts.netloc.rpartition('@')[2]}{parts.path}", "URL_INVALID")
    if parts.scheme not in ("https", "http"):
        raise StoreError(f"The database URL begins with {parts.scheme}://, not with https://", "URL_INVALID")
    if parts.username is not None or parts.query or parts.fragment:
        raise StoreError("The database URL must hold nothing but host, port and path; the token goes into TURSO_AUTH_TOKEN.", "URL_INVALID")
    if parts.scheme == "http" and not _is_loopback(host):
        raise StoreError(f"Plain http:// would show the token to the network: use https://{host}; http is for this machine only.", "URL_INVALID")
    secure = parts.scheme == "https"
    return secure, host, port or (443 if secure else 80), f"{parts.path.rstrip('/')}/v2/pipeline"


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# Answers and failures of HTTP


def _is_dropped(sock: socket) -> bool:
    """Whether an idle connection has something to read: between requests that can only be its end."""
    from select import select

    try:
        return bool(select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _unreachable(error: OSError, host: str) -> _Failure:
    """No connection, so nothing was sent. A certificate that is refused stays refused."""
    refused_certificate = hasattr(error, "verify_code")
    hint = " Is strat dev running?" if _is_local(host) else ""
    return _Failure(f"No connection to the database at {host}: {error}.{hint}", "UNREACHABLE", transient=not refused_certificate, maybe_applied=False)


def _lost(error: Exception) -> _Failure:
    """The connection ended, or the time was up, before the whole answer was there."""
    import socket

    if isinstance(error, socket.timeout):
        return _Failure("The database did not answer in time.", "TIMEOUT", transient=True, maybe_applied=True)
    return _Failure(f"The connection was lost before the answer: {type(error).__name__}.", "CONNECTION_LOST", transient=True, maybe_applied=True)


def _read_answer(response: HTTPResponse, content: bytes, token: _Token) -> Union[dict[str, Any], _Failure]:
    """The pipeline's answer, or why there is none."""
    import json

    status = response.status
    if status != 200:
        return _refused(status, token.redact(content.decode("utf-8", "replace")), response.getheader("Retry-After"))
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("results"), list) and answer["results"]:
        return answer
    return _Failure("The answer is not a database's; is TURSO_DB_URL right?", "ANSWER_INVALID", transient=True, maybe_applied=True, status=status)


def _refused(status: int, content: str, retry_after: Optional[str]) -> _Failure:
    """An HTTP error: JSON `{error}` or `{message, code}`, plain text, or a proxy's page."""
    import json

    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    said = answer if isinstance(answer, dict) else {}
    text = said.get("error") or said.get("message") or content
    code = said.get("code")
    asked = "" if retry_after is None else f" (Retry-After: {retry_after})"
    message = f"HTTP {status}: {' '.join(str(text).split())[:300]}{asked}"
    return _Failure(
        message,
        code if isinstance(code, str) else f"HTTP_{status}",
        transient=status == 429 or status >= 500,
        maybe_applied=status >= 500,
        status=status,
        retry_after=_seconds(retry_after),
    )


def _seconds(retry_after: Optional[str]) -> Optional[float]:
    """A `Retry-After` header, which holds seconds or a date, in seconds from now; None where it holds neither."""
    from email.utils import parsedate_to_datetime

    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


# Values on the wire


def _encode_statement(statement: Statement) -> dict[str, Any]:
    sql, args = (statement, ()) if isinstance(statement, str) else statement
    if isinstance(args, Mapping):
        return {"sql": sql, "named_args": [{"name": name, "value": _encode(value)} for name, value in args.items()]}
    if isinstance(args, (str, bytes)):
        raise StoreError("The arguments of a statement are a list, a tuple or a dict.", "VALUE_INVALID")
    return {"sql": sql, "args": [_encode(value) for value in args]}


def _encode(value: Value) -> dict[str, Any]:
    """A value as the server wants it. Calls of the plain type's repr keep subclasses (numpy.float64, IntEnum) plain."""
    if value is None:
        return {"type": "null"}
    if isinstance(value, bool):
        return {"type": "integer", "value": str(int(value))}
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise StoreError("An integer does not fit into 64 bits.", "VALUE_INVALID")
        return {"type": "integer", "value": int.__repr__(value)}
    if isinstance(value, float):
        return {"type": "text", "value": _number_text(value)}
    if isinstance(value, str):
        return {"type": "text", "value": _check_text(value)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        from binascii import b2a_base64

        return {"type": "blob", "base64": b2a_base64(value, newline=False).decode()}
    raise StoreError(f"A value of type {type(value).__name__} cannot be stored: make it an int, float, str or bytes.", "VALUE_INVALID")


def _number_text(value: float) -> str:
    """The shortest text that reads as the same float."""
    if value != value or value in (float("inf"), float("-inf")):
        raise StoreError(f"A number must be finite, not {float.__repr__(value)}.", "VALUE_INVALID")
    return float.__repr__(value)


def _check_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StoreError("A text holds half of a surrogate pair, which UTF-8 cannot carry.", "VALUE_INVALID") from None
    return text


def _decode(cell: dict[str, Any]) -> Any:
    """A value as Python has it. An infinity arrives without its sign, as a float that is null: it becomes NaN."""
    kind = cell["type"]
    if kind == "null":
        return None
    if kind == "integer":
        return int(cell["value"])
    if kind == "float":
        return float("nan") if cell["value"] is None else float(cell["value"])
    if kind == "blob":
        from binascii import a2b_base64

        text = cell["base64"]
        return a2b_base64(text + "=" * (-len(text) % 4))
    return cell["value"]


def _decode_result(result: dict[str, Any]) -> Result:
    rowid = result["last_insert_rowid"]
    return Result(
        columns=tuple(column["name"] for column in result["cols"]),
        rows=[tuple(_decode(cell) for cell in row) for row in result["rows"]],
        affected_row_count=result["affected_row_count"],
        last_insert_rowid=None if rowid is None else int(rowid),
    )


def _transaction(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of an atomic batch: each only after the one before succeeded, and a ROLLBACK unless COMMIT did."""
    steps: list[dict[str, Any]] = [{"stmt": {"sql": "BEGIN IMMEDIATE"}}]
    for index, statement in enumerate([*statements, {"sql": "COMMIT"}]):
        steps.append({"stmt": statement, "condition": {"type": "ok", "step": index}})
    committed = {"type": "ok", "step": len(statements) + 1}
    return [*steps, {"stmt": {"sql": "ROLLBACK"}, "condition": {"type": "not", "cond": committed}}]


def _decode_batch(result: dict[str, Any]) -> list[Result]:
    """The results of the statements between BEGIN and COMMIT. Raises the first error, with the statement's index."""
    commit = len(result["step_results"]) - 2
    for step, error in enumerate(result["step_errors"]):
        if error is not None:
            raise _server_error(error, step - 1 if 0 < step < commit else None)
    return [_decode_result(each) for each in result["step_results"][: commit + 1]][1:commit]


def _server_error(error: dict[str, Any], statement: Optional[int]) -> StoreError:
    return StoreError(error["message"], error.get("code") or "UNKNOWN", statement=statement)


# The SQL of the trader's verbs

_CAPITAL = "SELECT capital_allocated, free_margin, daily_stop_loss, updated_at FROM portfolio_state ORDER BY id DESC LIMIT 1"
_POSITIONS = """SELECT id, symbol, strike, option_type, quantity, entry_price, stop_loss, target_price, entry_time
    FROM active_positions ORDER BY entry_time, rowid"""
_TRADES = "SELECT id, timestamp, symbol, action, quantity, price, execution_reason, pnl FROM trade_logs"
_TRADES_BETWEEN = f"{_TRADES} WHERE datetime(timestamp) >= ? AND datetime(timestamp) < ? ORDER BY datetime(timestamp), rowid"


def _insert_position(leg: Leg) -> Statement:
    """Opens the leg, unless its ENTRY trade shows that an earlier try did: it may have been closed meanwhile."""
    return (
        """INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price, stop_loss, target_price)
        SELECT :id, :symbol, CAST(:strike AS REAL), :option_type, :quantity, CAST(:entry_price AS REAL),
            CAST(:stop_loss AS REAL), CAST(:target_price AS REAL)
        WHERE NOT EXISTS (SELECT 1 FROM trade_logs WHERE id = :id)""",
        {
            "id": leg.id,
            "symbol": leg.symbol,
            "strike": leg.strike,
            "option_type": leg.option_type,
            "quantity": leg.quantity,
            "entry_price": leg.entry_price,
            "stop_loss": leg.stop_loss,
            "target_price": leg.target_price,
        },
    )


def _insert_entry(leg: Leg) -> Statement:
    """Logs the leg's ENTRY under the leg's own id."""
    return (
        """INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason)
        VALUES (?, ?, ?, ?, CAST(? AS REAL), 'ENTRY') ON CONFLICT (id) DO NOTHING""",
        [leg.id, leg.symbol, "BUY" if leg.quantity > 0 else "SELL", abs(leg.quantity), leg.entry_price],
    )


def _insert_exit(leg_id: str, price: float, reason: str) -> Statement:
    """Logs the leg's exit with its P&L, if the leg is still open."""
    return (
        """INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason, pnl)
        SELECT :exit_id, symbol, CASE WHEN quantity > 0 THEN 'SELL' ELSE 'BUY' END, abs(quantity), CAST(:price AS REAL), :reason,
            round((CAST(:price AS REAL) - entry_price) * quantity, 4)
        FROM active_positions WHERE id = :leg_id""",
        {"exit_id": _exit_id(leg_id), "price": price, "reason": reason, "leg_id": leg_id},
    )


def _change_margin(change: float, condition: str, ids: list[str]) -> Statement:
    """A new row of `portfolio_state`, if the condition holds. Without a row before it, NOT NULL makes it fail."""
    return (
        f"""INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss)
        SELECT (SELECT capital_allocated FROM portfolio_state ORDER BY id DESC LIMIT 1),
            (SELECT round(free_margin + CAST(? AS REAL), 4) FROM portfolio_state ORDER BY id DESC LIMIT 1),
            (SELECT daily_stop_loss FROM portfolio_state ORDER BY id DESC LIMIT 1)
        WHERE {condition}""",
        [change, *ids],
    )


def _select_trades(ids: list[str]) -> Statement:
    return (f"{_TRADES} WHERE id IN ({_marks(ids)})", ids)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _trades_in_order(result: Result, ids: list[str]) -> list[Trade]:
    trades = {row[0]: Trade(*row) for row in result.rows}
    return [trades[each] for each in ids if each in trades]


def _check_leg(leg: Leg) -> None:
    if not leg.symbol or leg.option_type not in ("CE", "PE"):
        raise StoreError("A leg needs a symbol and the option type CE or PE.", "VALUE_INVALID")
    if isinstance(leg.quantity, bool) or not isinstance(leg.quantity, int) or leg.quantity == 0:
        raise StoreError(f"The quantity of {leg.symbol} must be a whole number: positive for long, negative for short.", "VALUE_INVALID")
    for price in (leg.strike, leg.entry_price, leg.stop_loss, leg.target_price):
        if price is not None:
            _check_price(price)


def _check_price(price: float) -> None:
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not 0 <= price < float("inf"):
        raise StoreError(f"A price must be a finite number, zero or more, not {price!r}.", "VALUE_INVALID")


def _check_ids(ids: Sequence[str]) -> list[str]:
    if isinstance(ids, str) or not ids or not all(ids) or len(set(ids)) < len(ids):
        raise StoreError("Hand in a list of at least one leg, each with an id of its own.", "VALUE_INVALID")
    return list(ids)


def _check_exit(ids: list[str], prices: Sequence[float], reason: str) -> None:
    if len(prices) != len(ids):
        raise StoreError(f"{len(ids)} legs need as many prices, not {len(prices)}.", "VALUE_INVALID")
    if reason not in _EXIT_REASONS:
        raise StoreError(f"The reason of an exit is one of {', '.join(_EXIT_REASONS)}.", "VALUE_INVALID")
    for price in prices:
        _check_price(price)


def _check_open(ids: list[str], open_ids: set[str]) -> None:
    closed = [each for each in ids if each not in open_ids]
    if closed:
        raise StoreError(f"Opened before, and closed since: {', '.join(closed)}. Make new legs for a new position.", "LEG_CLOSED")


def _new_id() -> str:
    from uuid import uuid4

    return str(uuid4())


def _exit_id(leg_id: str) -> str:
    """The id of the trade that closes a leg. It follows from the leg's, so that every try of closing it has the same."""
    from uuid import NAMESPACE_OID, uuid5

    return str(uuid5(NAMESPACE_OID, f"exit of {leg_id}"))


def _day(tz: Union[str, tzinfo], now: Optional[datetime]) -> list[Value]:
    """The first moment of the day that it is in the time zone, and of the next day, in UTC as SQLite writes it."""
    from datetime import datetime, timedelta, timezone

    zone = _zone(tz) if isinstance(tz, str) else tz
    today = (now or datetime.now(timezone.utc)).astimezone(zone).date()
    midnights = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in (today, today + timedelta(days=1))]
    return [midnight.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S") for midnight in midnights]


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise StoreError(f"No time zone {name!r} on this machine; `pip install tzdata`, or hand in a tzinfo.", "VALUE_INVALID") from None
